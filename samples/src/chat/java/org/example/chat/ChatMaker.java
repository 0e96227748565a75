// Chat rooms: a room lives on the owner of its name's key, and speaks to its members' proxies.
package org.example.chat;

import dev.p2pkit.sdk.Address;
import dev.p2pkit.sdk.ErrorCode;
import dev.p2pkit.sdk.KitService;
import dev.p2pkit.sdk.MessageContext;
import dev.p2pkit.sdk.Payload;
import dev.p2pkit.sdk.PeerContext;
import dev.p2pkit.sdk.ServiceDescriptor;
import dev.p2pkit.sdk.ServiceMaker;

/** Keeps the members of rooms and hands on what they say. */
@KitService(name = "chat", version = "1", state = Rooms.class)
public final class ChatMaker implements ServiceMaker {
  private static final int LONGEST = 4_000;

  @Override
  public ServiceDescriptor make(PeerContext peer) {
    return ServiceDescriptor.stateful(Rooms.class)
        .initialState(() -> Rooms.NONE)
        .on(Join.class, ChatMaker::join)
        .on(Leave.class, ChatMaker::leave)
        .on(Say.class, ChatMaker::say)
        .build();
  }

  private static Rooms join(Join join, Rooms rooms, MessageContext context) {
    Rooms next = rooms.with(join.room(), join.name(), join.proxy());
    context.reply(next.names(join.room()));
    return next;
  }

  private static Rooms leave(Leave leave, Rooms rooms, MessageContext context) {
    Rooms next = rooms.without(leave.room(), leave.leaver());
    context.reply(next.names(leave.room()));
    return next;
  }

  private static Rooms say(Say say, Rooms rooms, MessageContext context) {
    if (!rooms.members(say.room()).containsKey(say.name())) {
      context.fail(
          ErrorCode.UNAUTHORISED, say.name() + " is not in " + say.room() + "; join it first");
      return rooms;
    }
    if (say.text().length() > LONGEST) {
      context.fail(ErrorCode.MESSAGE_TOO_LARGE, "say at most " + LONGEST + " characters at a time");
      return rooms;
    }
    // As TREE: a member may be a program without this jar's classes, or not in Java at all.
    Payload said = Payload.tree(new Said(say.room(), say.name(), say.text()));
    for (Address member : rooms.members(say.room()).values()) {
      // Leaves when the turn ends. A member that has gone without a word is not the speaker's
      // concern, so nobody waits for the outcome.
      var unused = context.network().sendTo(member, said);
    }
    context.reply(rooms.names(say.room()));
    return rooms;
  }
}
