"use strict";
// tells the LMS's window that registration is over; it holds no secret, so any origin may hear it
(window.opener || window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
