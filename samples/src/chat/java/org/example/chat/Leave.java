// A message: somebody leaves a room.
package org.example.chat;

/**
 * Leaves a room; without effect if the name is not there.
 *
 * @param room the room's name
 * @param leaver the name under which the member joined
 */
public record Leave(String room, String leaver) {}
