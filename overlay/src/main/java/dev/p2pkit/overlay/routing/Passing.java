// How much of others' messages waits in this peer to be passed on, in all and from each neighbour.
package dev.p2pkit.overlay.routing;

/**
 * Bounds what waits here to be passed on: by count, by bytes, and so that one neighbour takes half
 * of the room at most.
 */
final class Passing {
  private final int most;
  private final long mostBytes;
  private int waiting;
  private long bytes;

  Passing(RouterConfig config) {
    most = config.maxForwarding();
    mostBytes = config.maxRememberedBytes();
  }

  boolean hasRoom(Neighbour from, Envelope envelope) {
    int size = envelope.body().length;
    return waiting < most
        && bytes + size <= mostBytes
        && from.passing <= most / 2
        && (from.passing == 0 || from.passingBytes + size <= mostBytes / 2);
  }

  void add(Neighbour from, Envelope envelope) {
    waiting++;
    bytes += envelope.body().length;
    from.passing++;
    from.passingBytes += envelope.body().length;
  }

  void remove(Neighbour from, Envelope envelope) {
    waiting--;
    bytes -= envelope.body().length;
    from.passing--;
    from.passingBytes -= envelope.body().length;
  }
}
