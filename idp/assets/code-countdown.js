// Shows how long the code is still good, says once, aloud, that one minute is left, and asks for the page
// again when the time is over: the server answers with step one. Without script a refresh does the last part.
"use strict";

const countdown = document.getElementById("code-countdown");
const announcement = document.getElementById("code-announcement");
const seconds = Number(countdown.dataset.seconds);
const end = performance.now() + seconds * 1000;
let announced = seconds <= 60;

function tick() {
  const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
  const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  countdown.textContent = `${countdown.dataset.label} ${text}`;
  if (left <= 60 && !announced) {
    announced = true;
    announcement.textContent = countdown.dataset.oneMinute;
  }
  if (left > 0) {
    setTimeout(tick, 500);
  } else {
    // A second later, so that the server's clock agrees; by address, because a reload would send the form again.
    setTimeout(() => location.replace(location.pathname + location.search), 1000);
  }
}

tick();
