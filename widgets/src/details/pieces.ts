// Bytes that arrive in pieces, put together.

export class Pieces {
  private readonly pieces: Uint8Array<ArrayBuffer>[] = [];

  /** Takes what came with one part of an answer. */
  add(buffers: readonly DataView[]): void {
    for (const view of buffers) {
      const { buffer, byteOffset, byteLength } = view;
      this.pieces.push(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
    }
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const [only] = this.pieces;
    if (only && this.pieces.length === 1) return only;
    const all = new Uint8Array(this.pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of this.pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }
}
