// The sum of all [data-unread] numbers in the navigation, in the title and on the icon.
const navigation = document.querySelector(".sidebar-nav");
const icon = document.querySelector('link[rel="icon"]');
const plainIcon = icon?.href;
const SIZE = 64;
let shown = 0;

function total() {
  const numbers = [...navigation.querySelectorAll("[data-unread]")].map((element) => Number(element.dataset.unread));
  return numbers.reduce((sum, number) => sum + (number || 0), 0);
}

function label(count) {
  return count > 99 ? "99+" : String(count);
}

function draw(image, count) {
  const canvas = Object.assign(document.createElement("canvas"), { width: SIZE, height: SIZE });
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0, SIZE, SIZE);
  pen.fillStyle = "#c8321f";
  pen.beginPath();
  pen.roundRect(SIZE * 0.34, SIZE * 0.34, SIZE * 0.66, SIZE * 0.66, SIZE * 0.33);
  pen.fill();
  pen.fillStyle = "#fff";
  pen.font = `bold ${count > 9 ? 30 : 36}px sans-serif`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(count > 9 ? "9+" : String(count), SIZE * 0.67, SIZE * 0.7);
  return canvas.toDataURL();
}

function badgeIcon(count) {
  if (!count) { icon.href = plainIcon; return; }
  const image = new Image();
  image.onload = () => shown === count && (icon.href = draw(image, count));
  image.src = plainIcon;
}

function update() {
  const count = total();
  const title = document.title.replace(/^\(\d+\+?\) /, "");
  const wanted = count ? `(${label(count)}) ${title}` : title;
  if (document.title !== wanted) document.title = wanted;
  if (count !== shown && icon) { shown = count; badgeIcon(count); }
}

if (navigation) {
  new MutationObserver(update).observe(navigation, { attributes: true, attributeFilter: ["data-unread"], childList: true, subtree: true });
  document.addEventListener("htmx:after:swap", update);
  update();
}
