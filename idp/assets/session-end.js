// Warns two minutes before a session ends, keeps it when one wishes to stay, and says when it is over. Work in another
// tab or in an application keeps this one from warning: tabs tell each other, and the server is asked before anything
// is shown. Without this script the session ends as it always does, and the next request leads to the login.
"use strict";

const dialog = document.getElementById("session-end");
const stay = document.getElementById("session-stay");
const warning = Number(dialog.dataset.warning) * 1000;
const tabs = new BroadcastChannel("session-end");

/** What is shown: nothing, "idle", "overall" or "over". */
let state = "";
/** When the session ends, by this machine's clock: without a request, and in any case. */
let ends;
/** The newest look; older ones that still wait for the server give way to it. */
let looks = 0;
let timer;

const learn = ({ idle, overall }) => {
  const now = Date.now();
  ends = { idle: now + Number(idle) * 1000, overall: now + Number(overall) * 1000 };
};

const left = () => Math.min(ends.idle, ends.overall) - Date.now();

const wanted = () => {
  if (left() <= 0) {
    return "over";
  }
  if (left() > warning) {
    return "";
  }
  return ends.overall <= ends.idle ? "overall" : "idle";
};

/** Asks the server. Where it does not answer, this machine's clock has the word. */
const ask = async (request) => {
  try {
    const answer = await fetch("/session", { cache: "no-store", redirect: "error", ...request });
    if (answer.ok) {
      learn(await answer.json());
      return true;
    }
  } catch {
    // Not connected, or led to the login.
  }
  return false;
};

const show = (next) => {
  if (next !== state) {
    state = next;
    for (const part of dialog.querySelectorAll("[data-state]")) {
      part.hidden = part.dataset.state !== state;
    }
    // Closed and opened anew, so that what it says now is read out. Closing gives the focus back.
    dialog.close();
    if (state !== "") {
      dialog.setAttribute("aria-labelledby", `session-end-${state}-title`);
      dialog.setAttribute("aria-describedby", `session-end-${state}-text`);
      dialog.showModal();
    }
  }
  const seconds = Math.max(0, Math.ceil(left() / 1000));
  const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  for (const place of dialog.querySelectorAll("[data-left]")) {
    place.textContent = text;
  }
};

const look = async () => {
  looks += 1;
  const mine = looks;
  clearTimeout(timer);
  if (state === "over") {
    return;
  }
  if (wanted() !== "" && wanted() !== state) {
    await ask();
    if (mine !== looks) {
      return;
    }
  }
  show(wanted());
  if (state !== "over") {
    timer = setTimeout(look, state === "" ? left() - warning : 1000);
  }
};

stay.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(stay));
  if (await ask({ method: "POST", body })) {
    tabs.postMessage(ends);
  } else {
    await ask();
  }
  look();
});

tabs.addEventListener("message", (event) => {
  ends = event.data;
  look();
});

// A machine that slept has lost time that no timer counted.
document.addEventListener("visibilitychange", look);
window.addEventListener("pageshow", look);

// The way back to this page; the query is written as the portal writes it.
const query = new URLSearchParams(location.search).toString();
const address = location.pathname + (query === "" ? "" : `?${query}`);
for (const link of dialog.querySelectorAll("[data-again]")) {
  link.href = `/login?again=${encodeURIComponent(address)}`;
}

learn(dialog.dataset);
tabs.postMessage(ends);
look();
