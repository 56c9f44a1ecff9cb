// Copying a text exactly as it is.

/**
 * Put a text into the clipboard, one that is still on its way as well; false where the
 * browser does not allow it. What is thrown is why there is no text.
 */
export async function copyText(text: string | Promise<string>): Promise<boolean> {
  try {
    // There is no clipboard on a page that was served without encryption.
    if (typeof text === "string" || typeof ClipboardItem === "undefined") {
      await navigator.clipboard.writeText(await text);
    } else {
      // Safari allows it only while the key goes down, so before the text is there.
      const blob = text.then((code) => new Blob([code], { type: "text/plain" }));
      // Said below, and not as an error of the page, if the clipboard never looks at it.
      blob.catch(() => {});
      await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
    }
    return true;
  } catch {
    return copyBySelection(await text);
  }
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } finally {
    area.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  }
}
