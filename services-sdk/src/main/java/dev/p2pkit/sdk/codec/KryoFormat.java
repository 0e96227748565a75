// Writes and reads KRYO bytes with pooled Kryo instances that remember no class.
package dev.p2pkit.sdk.codec;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.KryoBufferOverflowException;
import com.esotericsoftware.kryo.io.Output;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * KRYO bytes. A Kryo is not thread-safe, so each call takes one from a pool; the classes that a
 * body may name are given with the call.
 */
final class KryoFormat {
  private static final int KEPT_OUTPUT = 64 << 10;

  private static final BlockingQueue<KryoFormat> POOL =
      new ArrayBlockingQueue<>(2 * Runtime.getRuntime().availableProcessors());

  private final NamedClassResolver resolver = new NamedClassResolver();
  private final Kryo kryo = new Kryo(resolver, null);
  private Output output = new Output(512, Limits.BYTES);

  private KryoFormat() {
    kryo.setMaxDepth(Limits.DEPTH + 1);
  }

  private static KryoFormat take() {
    KryoFormat pooled = POOL.poll();
    return pooled == null ? new KryoFormat() : pooled;
  }

  private void giveBack() {
    resolver.reset();
    if (output.getBuffer().length > KEPT_OUTPUT) {
      output = new Output(512, Limits.BYTES);
    }
    output.reset();
    // A full pool lets this one go.
    boolean unused = POOL.offer(this);
  }

  /** The bytes of a value. */
  static byte[] write(@Nullable Object value) {
    KryoFormat format = take();
    try {
      format.kryo.writeClassAndObject(format.output, value);
      return format.output.toBytes();
    } catch (KryoBufferOverflowException e) {
      throw Limits.tooLong();
    } catch (KryoException e) {
      throw Limits.tooDeep();
    } finally {
      format.giveBack();
    }
  }

  /** The value that the bytes after {@code from} say. */
  static @Nullable Object read(byte[] bytes, int from, KryoClasses classes, Collisions collisions) {
    KryoFormat format = take();
    try (Input input = new Input(bytes, from, bytes.length - from)) {
      format.resolver.begin(classes, collisions);
      Object value = format.kryo.readClassAndObject(input);
      if (input.position() != input.limit()) {
        throw new CodecException(
            "a KRYO value is followed by " + (input.limit() - input.position()) + " bytes");
      }
      return value;
    } catch (CodecException e) {
      throw e;
    } catch (KryoException e) {
      throw e.getCause() instanceof CodecException known ? known : unreadable(e);
    } catch (RuntimeException e) {
      // From a constructor or hashCode of the receiver's classes, or a time out of range.
      throw unreadable(e);
    } finally {
      format.giveBack();
    }
  }

  private static CodecException unreadable(RuntimeException cause) {
    return new CodecException("a KRYO body cannot be read: " + cause.getMessage(), cause);
  }
}
