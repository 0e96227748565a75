// What a state file says of a service: whose state it is, the state, and what waits.
package dev.p2pkit.peer.service;

import dev.p2pkit.peer.store.StateStore;
import dev.p2pkit.peer.store.StoreException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * The content of a state file.
 *
 * @param head of which version the state is
 * @param state the state, in the encoding of its version
 * @param letters what waits, by place and order
 * @param answered what its senders may ask for again
 * @param floors below which numbers senders ask no more
 * @param turns how many turns of this version have ended well and are in the state
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and the bytes are not changed
record SavedState(
    Head head,
    byte[] state,
    List<Letter> letters,
    List<Answered> answered,
    List<Floor> floors,
    long turns) {
  static final String HEAD = "head";
  static final String STATE = "state";
  static final String LETTERS = "letters";
  static final String PLACES = "places";
  static final String ANSWERS = "answers";
  static final String FLOORS = "floors";
  static final String TURNS = "turns";
  static final String ONLY = "0";

  private static final int FORMAT = 1;

  /** Whose state it is. */
  record Head(
      String name,
      String instance,
      String lineage,
      String archiveHash,
      String version,
      long epoch,
      int schema) {
    static Head of(Version version) {
      Release release = version.release();
      return new Head(
          release.key().name(),
          release.key().instance(),
          release.lineage(),
          release.archiveHash(),
          version.manifest().version(),
          release.epoch(),
          version.schema());
    }

    byte[] encode() {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      try (DataOutputStream out = new DataOutputStream(bytes)) {
        out.writeByte(FORMAT);
        out.writeUTF(name);
        out.writeUTF(instance);
        out.writeUTF(lineage);
        out.writeUTF(archiveHash);
        out.writeUTF(version);
        out.writeLong(epoch);
        out.writeInt(schema);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return bytes.toByteArray();
    }

    static Head decode(byte[] encoded) {
      try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
        if (in.readByte() != FORMAT) {
          throw new IOException("another format");
        }
        return new Head(
            in.readUTF(),
            in.readUTF(),
            in.readUTF(),
            in.readUTF(),
            in.readUTF(),
            in.readLong(),
            in.readInt());
      } catch (IOException e) {
        throw new StoreException(
            StoreException.Kind.DAMAGED, "the head of a state file cannot be read: " + e, e);
      }
    }
  }

  /** A message that waits. */
  record Letter(long id, StoredLetter.Place place, long order, StoredLetter stored) {}

  /** What became of a message. */
  record Answered(Once once, StoredAnswer answer) {}

  /** Lower numbers of this process are closed. */
  record Floor(dev.p2pkit.sdk.PeerId sender, long process, long floor, long untilMillis) {}

  /**
   * Reads all of a file; empty if no state was ever written to it.
   *
   * @throws StoreException DAMAGED if it is not what was written
   */
  static Optional<SavedState> load(StateStore store) {
    Optional<byte[]> head = store.get(HEAD, ONLY);
    if (head.isEmpty()) {
      return Optional.empty();
    }
    byte[] state =
        store
            .get(STATE, ONLY)
            .orElseThrow(
                () ->
                    new StoreException(
                        StoreException.Kind.DAMAGED, "the file has a head but no state"));
    List<Letter> letters = new ArrayList<>();
    store.forEach(
        LETTERS,
        (key, value) -> {
          ByteBuffer place =
              ByteBuffer.wrap(
                  store
                      .get(PLACES, key)
                      .orElseThrow(
                          () ->
                              new StoreException(
                                  StoreException.Kind.DAMAGED, "a message has no place")));
          letters.add(
              new Letter(
                  HexFormat.fromHexDigitsToLong(key),
                  StoredLetter.Place.values()[place.get()],
                  place.getLong(),
                  StoredLetter.decode(value)));
        });
    letters.sort(Comparator.comparing(Letter::place).thenComparingLong(Letter::order));
    List<Answered> answered = new ArrayList<>();
    store.forEach(
        ANSWERS,
        (key, value) -> answered.add(new Answered(Once.parse(key), StoredAnswer.decode(value))));
    List<Floor> floors = new ArrayList<>();
    store.forEach(
        FLOORS,
        (key, value) -> {
          Once once = Once.parse(key);
          ByteBuffer in = ByteBuffer.wrap(value);
          floors.add(new Floor(once.sender(), once.process(), in.getLong(), in.getLong()));
        });
    long turns =
        store
            .get(TURNS, ONLY)
            .filter(bytes -> bytes.length == Long.BYTES)
            .map(bytes -> ByteBuffer.wrap(bytes).getLong())
            .orElse(0L);
    return Optional.of(
        new SavedState(Head.decode(head.get()), state, letters, answered, floors, turns));
  }

  /** The same state, of which these turns are part if they are turns of this version. */
  long turnsOf(Version version) {
    return head.archiveHash().equalsIgnoreCase(version.release().archiveHash()) ? turns : 0;
  }

  static byte[] number(long value) {
    return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
  }

  static byte[] place(StoredLetter.Place place, long order) {
    return ByteBuffer.allocate(1 + Long.BYTES).put((byte) place.ordinal()).putLong(order).array();
  }
}
