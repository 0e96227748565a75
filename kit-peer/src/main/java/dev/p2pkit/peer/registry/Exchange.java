// Waits for the end of what several peers send in answer to one question.
package dev.p2pkit.peer.registry;

import dev.p2pkit.overlay.machine.PeerRef;
import dev.p2pkit.peer.registry.timing.Alarms;
import dev.p2pkit.peer.registry.timing.Completion;
import dev.p2pkit.sdk.PeerId;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The questions that are open. */
final class Exchange {
  private final Alarms alarms;
  private final Map<Long, Question> open = new HashMap<>();
  private long last;

  Exchange(Alarms alarms) {
    this.alarms = alarms;
  }

  private static final class Question {
    final TreeSet<PeerId> waitingFor = new TreeSet<>();
    final Completion<Boolean> done;
    boolean caughtUp;
    long alarm;

    Question(Collection<PeerRef> peers, Completion<Boolean> done) {
      peers.forEach(peer -> waitingFor.add(peer.id()));
      this.done = done;
    }
  }

  /**
   * Opens a question and gives its number, never 0.
   *
   * @param done whether a peer has answered to the end that was itself caught up
   */
  long open(long until, Collection<PeerRef> peers, Completion<Boolean> done) {
    long id = ++last;
    Question question = new Question(peers, done);
    open.put(id, question);
    question.alarm = alarms.at(until, now -> close(now, id));
    return id;
  }

  /** A peer has said all. */
  void answered(long now, long id, PeerId peer, boolean caughtUp) {
    Question question = open.get(id);
    if (question != null && question.waitingFor.remove(peer)) {
      question.caughtUp |= caughtUp;
      if (question.waitingFor.isEmpty()) {
        close(now, id);
      }
    }
  }

  /** A peer will not answer any more. */
  void lost(long now, PeerId peer) {
    List.copyOf(open.keySet()).forEach(id -> answered(now, id, peer, false));
  }

  private void close(long now, long id) {
    Question question = open.remove(id);
    if (question != null) {
      alarms.cancel(question.alarm);
      question.done.done(now, question.caughtUp);
    }
  }
}
