package dev.tutti.telemetry;

import dev.tutti.core.Time;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The newest events of the mesh and those who watch them. Owner loop only.
///
/// Events stand in one ring of {@value #CAPACITY}. A watcher is nothing but a place in it, so a
/// slow one costs no memory and holds up nobody: when the ring has gone on without it, it hears one
/// event of kind {@link EventKind#GAP} with the number of lost events, and goes on from there.
///
/// Ids begin at the start's wall clock, so that an id from before a restart is older than every id
/// after it and a watcher that resumes with it hears of the gap.
public final class EventFeed {
  /// Events kept.
  public static final int CAPACITY = 4_096;

  /// Watchers at a time.
  public static final int MAX_SUBSCRIBERS = 256;

  /// Ids in one millisecond of the wall clock; what is left below 2^53 lasts for centuries.
  private static final long IDS_PER_MILLI = 1_000;

  private final Time time;
  private final long firstId;
  private final @Nullable FeedEvent[] ring = new @Nullable FeedEvent[CAPACITY];
  private final Set<Cursor> subscribers = new LinkedHashSet<>();
  private long nextId;

  /// An empty feed.
  public EventFeed(Time time) {
    this.time = time;
    this.firstId = time.now().toEpochMilli() * IDS_PER_MILLI;
    this.nextId = firstId;
  }

  /// Appends an event and tells every watcher that can take it.
  ///
  /// @param payload JSON-ready, see {@link FeedEvent#payload()}
  public FeedEvent publish(EventKind kind, Map<String, Object> payload) {
    var event = new FeedEvent(nextId, time.now(), kind, payload);
    ring[slot(nextId)] = event;
    nextId++;
    for (Cursor cursor : List.copyOf(subscribers)) {
      cursor.pump();
    }
    return event;
  }

  /// Every kept event with an id greater than `id`, oldest first; all that are kept when `id` is
  /// older than those.
  public List<FeedEvent> since(long id) {
    var events = new ArrayList<FeedEvent>();
    for (long each = Math.max(id + 1, oldestId()); each < nextId; each++) {
      events.add(at(each));
    }
    return events;
  }

  /// The id of the newest event, or one less than the first id when there was none.
  public long lastId() {
    return nextId - 1;
  }

  /// How many watch.
  public int subscribers() {
    return subscribers.size();
  }

  /// Begins to watch after the event of the given id; {@link #lastId()} means "from now on". Kept
  /// events are told before this returns.
  ///
  /// @return empty when {@value #MAX_SUBSCRIBERS} watch already
  public Optional<Subscription> subscribe(long afterId, Listener listener) {
    if (subscribers.size() >= MAX_SUBSCRIBERS) {
      return Optional.empty();
    }
    var cursor = new Cursor(Math.min(afterId, lastId()) + 1, afterId > lastId(), listener);
    subscribers.add(cursor);
    cursor.pump();
    return Optional.of(cursor);
  }

  private long oldestId() {
    return Math.max(firstId, nextId - CAPACITY);
  }

  private FeedEvent at(long id) {
    FeedEvent event = ring[slot(id)];
    if (event == null) {
      throw new IllegalStateException("id: " + id + " (expected: an event in the ring)");
    }
    return event;
  }

  private static int slot(long id) {
    return (int) (id % CAPACITY);
  }

  /// Hears events, oldest first.
  @FunctionalInterface
  public interface Listener {
    /// Takes an event.
    ///
    /// @return whether it can take another one now; after `false` nothing comes until {@link
    ///   Subscription#resume()}
    boolean event(FeedEvent event);
  }

  /// One watcher's place.
  public interface Subscription {
    /// The watcher can take events again: it is told those it has missed, as far as they are kept.
    void resume();

    /// Ends the watching; harmless when it has ended.
    void cancel();
  }

  private final class Cursor implements Subscription {
    private final Listener listener;
    private long next;
    private boolean unknownPast;
    private boolean ready = true;
    private boolean pumping;

    Cursor(long next, boolean unknownPast, Listener listener) {
      this.next = next;
      this.unknownPast = unknownPast;
      this.listener = listener;
    }

    /// Tells what can be told. A listener that publishes or resumes meanwhile is served by the loop
    /// that already runs.
    void pump() {
      if (pumping) {
        return;
      }
      pumping = true;
      try {
        while (ready && subscribers.contains(this) && (unknownPast || next < nextId)) {
          ready = listener.event(take());
        }
      } finally {
        pumping = false;
      }
    }

    private FeedEvent take() {
      long oldest = oldestId();
      if (unknownPast || next < oldest) {
        long lost = Math.max(0, oldest - Math.max(next, firstId));
        unknownPast = false;
        next = Math.max(next, oldest);
        var payload = Map.<String, Object>of("lost", lost);
        return new FeedEvent(next - 1, time.now(), EventKind.GAP, payload);
      }
      return at(next++);
    }

    @Override
    public void resume() {
      ready = true;
      pump();
    }

    @Override
    public void cancel() {
      subscribers.remove(this);
    }
  }
}
