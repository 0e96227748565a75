// A message: somebody says something in a room.
package org.example.chat;

/**
 * Says something to everybody in a room.
 *
 * @param room the room's name
 * @param name who says it; a member of the room
 * @param text what is said, at most 4,000 characters
 */
public record Say(String room, String name, String text) {}
