// The state of the chat on one peer: the rooms whose keys this peer owns.
package org.example.chat;

import dev.p2pkit.sdk.Address;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The rooms of one peer.
 *
 * @param rooms for each room the members' addresses by name
 */
public record Rooms(Map<String, Map<String, Address>> rooms) {
  static final Rooms NONE = new Rooms(Map.of());

  Map<String, Address> members(String room) {
    return rooms.getOrDefault(room, Map.of());
  }

  Members names(String room) {
    return new Members(room, List.copyOf(members(room).keySet()));
  }

  Rooms with(String room, String name, Address proxy) {
    Map<String, Address> members = new LinkedHashMap<>(members(room));
    members.put(name, proxy);
    return replaced(room, members);
  }

  Rooms without(String room, String name) {
    Map<String, Address> members = new LinkedHashMap<>(members(room));
    members.remove(name);
    return replaced(room, members);
  }

  private Rooms replaced(String room, Map<String, Address> members) {
    Map<String, Map<String, Address>> next = new LinkedHashMap<>(rooms);
    if (members.isEmpty()) {
      next.remove(room);
    } else {
      next.put(room, members);
    }
    return new Rooms(next);
  }
}
