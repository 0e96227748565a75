// A machine for tests of the simulator: numbers messages, answers them, writes down what it hears.
package dev.p2pkit.overlay.simulator;

import dev.p2pkit.overlay.machine.Channel;
import dev.p2pkit.overlay.machine.Effects;
import dev.p2pkit.overlay.machine.LinkEvent;
import dev.p2pkit.overlay.machine.Machine;
import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.overlay.machine.WireCodec;
import dev.p2pkit.overlay.machine.WireMessage;
import dev.p2pkit.overlay.machine.WireReader;
import dev.p2pkit.overlay.machine.WireWriter;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;

final class EchoMachine implements Machine {
  record Numbered(long value, boolean answer) implements WireMessage {}

  static final class Codec implements WireCodec {
    private final int type;

    Codec(int type) {
      this.type = type;
    }

    @Override
    public int firstType() {
      return type;
    }

    @Override
    public int lastType() {
      return type;
    }

    @Override
    public boolean handles(WireMessage message) {
      return message instanceof Numbered;
    }

    @Override
    public int typeOf(WireMessage message) {
      return type;
    }

    @Override
    public Channel channelOf(int frame) {
      return Channel.REQUEST;
    }

    @Override
    public void encode(WireMessage message, WireWriter out) {
      Numbered number = (Numbered) message;
      out.i64(number.value()).bool(number.answer());
    }

    @Override
    public WireMessage decode(int frame, WireReader in) {
      long value = in.i64();
      return new Numbered(value, in.bool());
    }
  }

  final Effects effects;
  final List<Long> heard = new ArrayList<>();
  final List<Long> answers = new ArrayList<>();
  final List<LinkEvent> links = new ArrayList<>();
  final List<Long> timers = new ArrayList<>();
  boolean echo;

  EchoMachine(Effects effects) {
    this.effects = effects;
  }

  @Override
  public void onMessage(long now, PeerRef from, WireMessage message) {
    Numbered number = (Numbered) message;
    (number.answer() ? answers : heard).add(number.value());
    if (!number.answer()) {
      effects.send(from, new Numbered(number.value(), true));
    } else if (echo) {
      effects.send(from, new Numbered(number.value() + 1, false));
    }
  }

  @Override
  public void onLink(long now, PeerId peer, LinkEvent event) {
    links.add(event);
  }

  @Override
  public void onTimer(long now, long token) {
    timers.add(now);
  }
}
