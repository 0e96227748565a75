// A message: somebody enters a room.
package org.example.chat;

import dev.p2pkit.sdk.Address;

/**
 * Enters a room, or changes the address under which a name is reached there.
 *
 * @param room the room's name
 * @param name how the others see the member
 * @param proxy where the member receives what is said
 */
public record Join(String room, String name, Address proxy) {}
