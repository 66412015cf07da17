// On a phone the current tab comes into sight; browsers with scroll-initial-target (css/controls.css) do it themselves.
if (!CSS.supports("scroll-initial-target", "nearest")) {
  for (const tab of document.querySelectorAll(".tabs > [aria-current]")) tab.scrollIntoView({ block: "nearest", inline: "center" });
}
