// The answer to joining, leaving and saying.
package org.example.chat;

import java.util.List;

/**
 * Who is in a room.
 *
 * @param room the room
 * @param names the members, in the order in which they came
 */
public record Members(String room, List<String> names) {}
