"use strict";
// Tell the LMS's window that registration is complete; the message holds no secret, so any origin may receive it.
(window.opener || window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
