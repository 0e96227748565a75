// The calls that wait for one thing.
package dev.p2pkit.overlay.routing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A doubly linked list through the calls themselves; a call is in at most one. */
final class CallList {
  private @Nullable Call first;
  private @Nullable Call last;
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void add(Call call) {
    leave(call);
    call.list = this;
    call.listPrevious = last;
    if (last == null) {
      first = call;
    } else {
      last.listNext = call;
    }
    last = call;
    size++;
  }

  /** Takes a call out of whichever list it is in. */
  static void leave(Call call) {
    CallList list = call.list;
    if (list == null) {
      return;
    }
    Call before = call.listPrevious;
    Call after = call.listNext;
    if (before == null) {
      list.first = after;
    } else {
      before.listNext = after;
    }
    if (after == null) {
      list.last = before;
    } else {
      after.listPrevious = before;
    }
    list.size--;
    call.list = null;
    call.listNext = null;
    call.listPrevious = null;
  }

  /** The calls as they are now; the list may change while they are gone through. */
  List<Call> snapshot() {
    List<Call> calls = new ArrayList<>(size);
    for (Call call = first; call != null; call = call.listNext) {
      calls.add(call);
    }
    return calls;
  }
}
