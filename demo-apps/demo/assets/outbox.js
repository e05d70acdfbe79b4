// Shows new messages as they come. Without scripts, "Look again" does it.
const newest = document.querySelector("time")?.dateTime;
const shown = document.querySelectorAll("li.message").length;

setInterval(async () => {
  const answer = await fetch("/demo/outbox.json").catch(() => null);
  if (!answer?.ok) return;
  const messages = await answer.json();
  if (messages.length !== shown || messages[0]?.at !== newest) location.reload();
}, 2000);
