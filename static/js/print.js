// <button data-print>
document.querySelector("[data-print]").addEventListener("click", () => window.print());
