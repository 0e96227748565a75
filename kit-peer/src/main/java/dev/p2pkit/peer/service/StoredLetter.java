// A message as it lies in a state file: deferred, pushed to the front, or due later.
package dev.p2pkit.peer.service;

import dev.p2pkit.peer.store.StoreException;
import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.Destination;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.Message;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerId;
import dev.p2pkit.sdk.Source;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * A message that is part of a durable state.
 *
 * @param message the message
 * @param once its identity, if its sender repeats it
 */
record StoredLetter(Message message, Optional<Once> once) {
  private static final int FORMAT = 1;
  private static final int OF_KEY = 0;
  private static final int OF_PEER = 1;
  private static final int OF_SESSION = 2;

  /** Where a stored letter waits. */
  enum Place {
    /** Before all others in the mailbox. */
    FRONT,
    /** Set aside until the handler resumes what it has deferred. */
    DEFERRED,
    /** Until a moment; its order is that moment, in milliseconds since 1970. */
    TIMER
  }

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      if (message.source() instanceof Source.OfPeer of) {
        out.writeBoolean(true);
        key(out, of.peer().position());
      } else {
        out.writeBoolean(false);
      }
      if (message.destination() instanceof Destination.OfKey of) {
        out.writeByte(OF_KEY);
        key(out, of.key());
      } else if (message.destination() instanceof Destination.OfPeer of) {
        out.writeByte(OF_PEER);
        key(out, of.peer().position());
      } else if (message.destination() instanceof Destination.OfSession of) {
        out.writeByte(OF_SESSION);
        key(out, of.session());
      }
      out.writeUTF(message.accessPoint());
      out.writeBoolean(message.replyTo().isPresent());
      if (message.replyTo().isPresent()) {
        Address address = message.replyTo().get();
        out.writeBoolean(address.kind() == Address.Kind.PEER);
        key(out, address.id());
        out.writeUTF(address.accessPoint());
      }
      out.writeBoolean(once.isPresent());
      if (once.isPresent()) {
        key(out, once.get().sender().position());
        out.writeLong(once.get().process());
        out.writeLong(once.get().number());
      }
      byte[] body = message.body().toWire();
      out.writeInt(body.length);
      out.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /**
   * Reads one.
   *
   * @throws StoreException DAMAGED if it is none
   */
  static StoredLetter decode(byte[] encoded) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(encoded))) {
      int format = in.readByte();
      if (format != FORMAT) {
        throw new IOException("format " + format);
      }
      Source source =
          in.readBoolean() ? new Source.OfPeer(new PeerId(key(in))) : new Source.OfClient();
      Destination destination =
          switch (in.readByte()) {
            case OF_KEY -> new Destination.OfKey(key(in));
            case OF_PEER -> new Destination.OfPeer(new PeerId(key(in)));
            case OF_SESSION -> new Destination.OfSession(key(in));
            default -> throw new IOException("no such destination");
          };
      String accessPoint = in.readUTF();
      Optional<Address> replyTo = Optional.empty();
      if (in.readBoolean()) {
        boolean peer = in.readBoolean();
        Key id = key(in);
        String at = in.readUTF();
        replyTo =
            Optional.of(peer ? Address.ofPeer(new PeerId(id), at) : Address.ofSession(id, at));
      }
      Optional<Once> once = Optional.empty();
      if (in.readBoolean()) {
        PeerId sender = new PeerId(key(in));
        once = Optional.of(new Once(sender, in.readLong(), in.readLong(), 0, 0));
      }
      int length = in.readInt();
      if (length != in.available()) {
        throw new IOException("a body of " + length + " bytes where there are " + in.available());
      }
      Payload body = Payload.fromWire(in.readAllBytes());
      return new StoredLetter(new Message(source, destination, accessPoint, body, replyTo), once);
    } catch (IOException | RuntimeException e) {
      throw new StoreException(
          StoreException.Kind.DAMAGED, "a message in a state file cannot be read: " + e, e);
    }
  }

  private static void key(DataOutputStream out, Key key) throws IOException {
    out.writeLong(key.high());
    out.writeLong(key.low());
  }

  private static Key key(DataInputStream in) throws IOException {
    return new Key(in.readLong(), in.readLong());
  }
}
