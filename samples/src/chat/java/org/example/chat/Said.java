// What members receive at their proxies.
package org.example.chat;

/**
 * Something that was said.
 *
 * @param room where
 * @param name by whom
 * @param text what
 */
public record Said(String room, String name, String text) {}
