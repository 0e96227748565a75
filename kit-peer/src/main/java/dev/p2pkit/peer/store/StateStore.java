// Tables of bytes in one file, changed in groups that are on disk as a whole or not at all.
package dev.p2pkit.peer.store;

import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * What durable state needs of a disk: named tables of small texts to bytes, ordered by the text.
 * Changes are seen at once by those who read here, and are on disk after {@link #commit}; a process
 * that dies, and a machine that does, leaves the tables as one of the commits made them, never a
 * mix of two.
 *
 * <p>Not thread-safe: whoever uses it holds one lock for it, or one thread. Every method throws
 * {@link StoreException}; after one that was thrown by {@link #commit} the store is closed, and has
 * to be opened again to see what is on disk.
 */
public interface StateStore extends AutoCloseable {
  /** A value; empty if there is none. */
  Optional<byte[]> get(String table, String key);

  /** All values of a table, in the order of their keys. */
  void forEach(String table, BiConsumer<String, byte[]> each);

  /** How many values a table has. */
  int size(String table);

  /** Adds or replaces a value; the array must not be written to afterwards. */
  void put(String table, String key, byte[] value);

  /** Removes a value, if it is there. */
  void remove(String table, String key);

  /** Removes all values of a table. */
  void clear(String table);

  /** Writes all changes since the last commit, and returns when they are on the disk. */
  void commit();

  /** Forgets all changes since the last commit. */
  void rollback();

  /** How many commits this file has seen in its life. */
  long commits();

  /** The length of the file, in bytes. */
  long fileBytes();

  /** Closes the file without a commit; without effect if it is closed. */
  @Override
  void close();
}
