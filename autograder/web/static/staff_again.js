"use strict";
setTimeout(() => location.reload(), 4000);
