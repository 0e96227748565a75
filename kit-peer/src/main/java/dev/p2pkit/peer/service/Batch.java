// What a turn, or several, change in a state file besides the state.
package dev.p2pkit.peer.service;

import dev.p2pkit.peer.store.StateStore;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Changes of cells; the last one of a cell counts. Not thread-safe. */
final class Batch implements DedupeWindow.Changes {
  private record Cell(String table, String key) {}

  private final Map<Cell, Optional<byte[]>> cells = new LinkedHashMap<>();

  @Override
  public void put(String table, String key, byte[] value) {
    cells.put(new Cell(table, key), Optional.of(value));
  }

  @Override
  public void remove(String table, String key) {
    cells.put(new Cell(table, key), Optional.empty());
  }

  void addAll(Batch later) {
    cells.putAll(later.cells);
  }

  boolean isEmpty() {
    return cells.isEmpty();
  }

  void writeTo(StateStore store) {
    cells.forEach(
        (cell, value) -> {
          if (value.isPresent()) {
            store.put(cell.table(), cell.key(), value.get());
          } else {
            store.remove(cell.table(), cell.key());
          }
        });
  }
}
