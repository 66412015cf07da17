// In the preview's page: the chat stays open when it was, and each message shows again.
{
  const name = `frontdesk.${document.documentElement.dataset.key}.quiet`;
  sessionStorage.removeItem(name);
  localStorage.removeItem(name);
  if (new URLSearchParams(location.search).has("open")) window.Frontdesk = [["open"]];
}
