// One peer of a LeaseTable, and what it has sent.
package dev.p2pkit.overlay.lease;

import dev.p2pkit.overlay.lease.LeaseMessage.Renew;
import dev.p2pkit.overlay.lease.RenewalAnswer.Verdict;
import dev.p2pkit.overlay.machine.ArcMemory;
import dev.p2pkit.sdk.Key;
import dev.p2pkit.sdk.PeerId;
import java.util.ArrayList;
import java.util.List;

/** The lease rules of one peer, driven by hand. */
final class LeasePeer implements Neighbourhood {
  private record Sent(PeerId to, LeaseMessage message) {}

  private final LeaseTable table;
  private final int self;
  private final List<Sent> sent = new ArrayList<>();
  final Lease lease;

  /** Whether a peer of another ring is heard. */
  boolean strangers;

  LeasePeer(LeaseTable table, int self) {
    this.table = table;
    this.self = self;
    lease =
        new Lease(
            LeaseTable.id(self), LeaseConfig.DEFAULT, LeaseTable.SUSPICION, this, ArcMemory.NONE);
  }

  LeaseState state() {
    return lease.state();
  }

  /** Where the arc before begins, as it is registered here. */
  PeerId lo() {
    return state().before().flatMap(GrantRecord::lo).orElseThrow();
  }

  Verdict asked(double seconds, int from, Renewal renewal) {
    return lease.asked(table.at(seconds), LeaseTable.ref(from), renewal).verdict();
  }

  /** A peer without anything asks. */
  void newcomer(double seconds, int from) {
    Verdict verdict =
        asked(seconds, from, new Renewal(table.at(seconds), LeaseTable.id(from), 0, 0, 0, 0, 1));
    if (verdict == Verdict.GRANTED) {
      throw new AssertionError("a newcomer is not granted, but admitted");
    }
  }

  /** Its heartbeat, which nobody answers. */
  void beat(double seconds) {
    lease.look(table.at(seconds));
  }

  boolean serves(double seconds, int number) {
    return lease.serves(new Key(0, 100L * number), table.at(seconds));
  }

  Renewal lastRenewal() {
    for (int i = sent.size() - 1; i >= 0; i--) {
      if (sent.get(i).message() instanceof Renew renew) {
        return renew.renewal();
      }
    }
    throw new AssertionError("nothing was asked");
  }

  /** The one asked last grants it. */
  void grantLast(double seconds) {
    grantLast(seconds, 0);
  }

  /** The one asked last grants it with at least that epoch. */
  void grantLast(double seconds, long epoch) {
    answerLast(seconds, Verdict.GRANTED, epoch);
  }

  /** The one asked last answers. */
  void answerLast(double seconds, Verdict verdict, long epoch) {
    for (int i = sent.size() - 1; i >= 0; i--) {
      if (sent.get(i).message() instanceof Renew renew) {
        lease.answered(
            table.at(seconds),
            sent.get(i).to(),
            new RenewalAnswer(verdict, renew.renewal().sentAt(), epoch));
        return;
      }
    }
    throw new AssertionError("nothing was asked");
  }

  void answered(double seconds, int by, RenewalAnswer answer) {
    lease.answered(table.at(seconds), LeaseTable.id(by), answer);
  }

  <M extends LeaseMessage> List<M> sentTo(int number, Class<M> type) {
    return sent.stream()
        .filter(one -> one.to().equals(LeaseTable.id(number)) && type.isInstance(one.message()))
        .map(one -> type.cast(one.message()))
        .toList();
  }

  @Override
  public PeerId successor() {
    return LeaseTable.id(table.after(self));
  }

  @Override
  public int size() {
    return table.alive.size();
  }

  @Override
  public boolean isAlive(PeerId peer) {
    return table.alive.contains(LeaseTable.number(peer));
  }

  @Override
  public PeerId aliveBefore(PeerId peer) {
    return LeaseTable.id(table.before(LeaseTable.number(peer)));
  }

  @Override
  public boolean isExact(PeerId after, PeerId upTo) {
    return true;
  }

  @Override
  public boolean hearsStrangers(long now) {
    return strangers;
  }

  @Override
  public void send(PeerId to, LeaseMessage message) {
    sent.add(new Sent(to, message));
  }
}
