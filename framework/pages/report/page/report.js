// The start of a report: everything is in the page.
"use strict";

takeReport(JSON.parse(byId("data").textContent));
openPage();
