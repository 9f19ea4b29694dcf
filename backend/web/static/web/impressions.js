// What was really on the screen: at least half of a card (or of the screen, where the card is taller) for a second.
// Without scripts nothing is claimed. Sending a card again is harmless: it counts once for each page it stood on.
(() => {
  const ADDRESS = "/impressions/";
  const LONG_ENOUGH_MS = 1000;
  const BATCH_MS = 4000;
  const MOST_AT_ONCE = 100;
  const waiting = new Set();
  const timers = new Map();
  const body = (entries) => {
    const form = new FormData();
    form.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "");
    for (const entry of entries) form.append("seen", entry);
    return form;
  };
  const take = () => {
    const entries = [...waiting].slice(0, MOST_AT_ONCE);
    for (const entry of entries) waiting.delete(entry);
    return entries;
  };
  const send = async () => {
    const entries = take();
    if (entries.length === 0) return;
    try {
      await fetch(ADDRESS, { method: "POST", body: body(entries), keepalive: true });
    } catch {
      for (const entry of entries) waiting.add(entry); // no connection: with the next batch
    }
  };
  const comeOrGo = () => {
    if (document.visibilityState === "visible") watch(document);
    else if (waiting.size > 0) navigator.sendBeacon(ADDRESS, body(take()));
  };
  const seen = (card) => {
    timers.delete(card);
    if (document.visibilityState !== "visible") return;
    observer.unobserve(card);
    waiting.add(card.dataset.seen);
    delete card.dataset.seen;
  };
  const isShown = ({ isIntersecting, intersectionRatio, intersectionRect, rootBounds }) =>
    isIntersecting && (intersectionRatio >= 0.5 || (rootBounds && intersectionRect.height >= rootBounds.height / 2));
  const observer = new IntersectionObserver(
    (changes) => {
      for (const change of changes) {
        const card = change.target;
        clearTimeout(timers.get(card));
        timers.delete(card);
        if (isShown(change)) timers.set(card, setTimeout(seen, LONG_ENOUGH_MS, card));
      }
    },
    { threshold: [0, 0.25, 0.5, 0.75, 1] },
  );
  const watch = (part) => {
    for (const card of part.querySelectorAll("[data-seen]")) {
      observer.unobserve(card); // observing anew tells once more where it is
      observer.observe(card);
    }
  };
  watch(document);
  document.addEventListener("htmx:load", () => watch(document));
  document.addEventListener("visibilitychange", comeOrGo);
  setInterval(send, BATCH_MS);
})();
