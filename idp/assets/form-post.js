// Sends the authorization response at once (OAuth 2.0 Form Post Response Mode); without script the button does.
"use strict";

document.getElementById("form-post").submit();
