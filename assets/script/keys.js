// A person's own key: adding one, and signing with one. Without this file those buttons stay hidden.
for (const form of document.querySelectorAll("form[data-key]")) {
  const button = form.querySelector("button[hidden]");
  const adds = form.dataset.keyAdds !== undefined;
  if (!button || !window.PublicKeyCredential?.parseRequestOptionsFromJSON) continue;
  button.hidden = false;
  button.addEventListener("click", async (event) => {
    if (form.elements.touch.value) return;
    event.preventDefault();
    const said = form.querySelector("[role=status]");
    said.textContent = said.dataset.waits;
    try {
      const options = JSON.parse(form.dataset.key);
      const answer = adds
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.touch.value = JSON.stringify(answer.toJSON());
      form.requestSubmit(button);
    } catch {
      said.textContent = said.dataset.not;
    }
  });
}
