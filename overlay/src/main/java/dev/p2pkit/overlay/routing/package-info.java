/**
 * The data plane: messages by key and by peer, their acknowledgements and replies.
 *
 * <p>A message is <em>pinned</em>: its origin picks the owner from its view of the ring, and only
 * that process may accept it. Only after a definite refusal, or when nothing has left the origin,
 * is it pinned to another. So a message is processed at most once even while the ring changes, and
 * a call whose owner died ends as unknown instead of being sent to the next owner in silence.
 *
 * <p>{@link dev.p2pkit.overlay.routing.LyingRouter} exists for the simulator only, which plays
 * attacks with it. No peer hosts it. It is public because the simulator is in another package, and
 * it is kept here because it speaks with frames that nobody outside of this package can make.
 */
@NullMarked
package dev.p2pkit.overlay.routing;

import org.jspecify.annotations.NullMarked;
