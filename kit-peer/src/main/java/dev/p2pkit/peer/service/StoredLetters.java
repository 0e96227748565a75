// The numbers and places of a processor's letters in its state file.
package dev.p2pkit.peer.service;

import java.util.HexFormat;
import java.util.List;

/**
 * Says which letters are part of a state, and in which order they come. A letter keeps its number
 * while it is there; what is before or behind others is said by numbers that grow away from zero,
 * so that no other letter is written again. For the owner of the processor.
 */
final class StoredLetters {
  private long nextLetter = 1;
  private long nextFront = -1;
  private long nextDeferred = 1;

  /** Numbers that come are beyond all that a file has. */
  void count(SavedState saved) {
    for (SavedState.Letter letter : saved.letters()) {
      nextLetter = Math.max(nextLetter, letter.id() + 1);
      if (letter.place() == StoredLetter.Place.FRONT) {
        nextFront = Math.min(nextFront, letter.order() - 1);
      } else if (letter.place() == StoredLetter.Place.DEFERRED) {
        nextDeferred = Math.max(nextDeferred, letter.order() + 1);
      }
    }
  }

  /** A letter becomes part of the state, or gets another place in it. */
  void keep(Batch into, Letter letter, StoredLetter.Place place, long order) {
    if (letter.storedAs() == 0) {
      letter.storedAs(nextLetter++);
      into.put(
          SavedState.LETTERS,
          key(letter),
          new StoredLetter(letter.message(), letter.once()).encode());
    }
    into.put(SavedState.PLACES, key(letter), SavedState.place(place, order));
  }

  /** These letters come before all that were put to the front until now. */
  void keepInFront(Batch into, List<Letter> letters) {
    nextFront -= letters.size();
    for (int i = 0; i < letters.size(); i++) {
      keep(into, letters.get(i), StoredLetter.Place.FRONT, nextFront + 1 + i);
    }
  }

  /** A letter comes behind all that were deferred until now. */
  void keepDeferred(Batch into, Letter letter) {
    keep(into, letter, StoredLetter.Place.DEFERRED, nextDeferred++);
  }

  /** A letter is no longer part of the state. */
  void drop(Batch into, Letter letter) {
    if (letter.storedAs() != 0) {
      into.remove(SavedState.LETTERS, key(letter));
      into.remove(SavedState.PLACES, key(letter));
    }
  }

  private static String key(Letter letter) {
    return HexFormat.of().toHexDigits(letter.storedAs());
  }
}
