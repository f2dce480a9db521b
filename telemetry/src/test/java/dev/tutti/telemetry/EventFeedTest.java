package dev.tutti.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.SimulatedTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventFeedTest {
  private final SimulatedTime time = new SimulatedTime();
  private final EventFeed feed = new EventFeed(time);
  private final List<FeedEvent> heard = new ArrayList<>();

  private void publish(int count) {
    for (int i = 0; i < count; i++) {
      feed.publish(EventKind.TASK_QUEUED, Map.of("n", i));
    }
  }

  private static void watch(EventFeed feed, long afterId, EventFeed.Listener listener) {
    assertThat(feed.subscribe(afterId, listener)).isPresent();
  }

  @Test
  void a_watcher_hears_every_event_after_its_place_in_order() {
    publish(3);
    long second = feed.lastId() - 1;
    watch(feed, second, heard::add);
    publish(2);

    assertThat(heard).extracting(FeedEvent::id).containsExactly(second + 1, second + 2, second + 3);
  }

  @Test
  void watching_from_now_on_tells_nothing_old() {
    publish(3);
    watch(feed, feed.lastId(), heard::add);
    assertThat(heard).isEmpty();
  }

  @Test
  void a_slow_watcher_hears_of_the_gap_once_and_goes_on_with_what_is_kept() {
    EventFeed.Subscription subscription =
        feed.subscribe(
                feed.lastId(),
                event -> {
                  heard.add(event);
                  return false;
                })
            .orElseThrow();
    publish(1 + EventFeed.CAPACITY + 10);
    assertThat(heard).hasSize(1);

    subscription.resume();
    assertThat(heard.get(1).kind()).isEqualTo(EventKind.GAP);
    assertThat(heard.get(1).payload()).containsEntry("lost", 10L);
    subscription.resume();
    assertThat(heard.get(2).kind()).isEqualTo(EventKind.TASK_QUEUED);
    assertThat(heard.get(2).id()).isEqualTo(heard.get(1).id() + 1);
    assertThat(heard.get(2).id()).isEqualTo(feed.lastId() - EventFeed.CAPACITY + 1);
  }

  @Test
  void an_id_from_before_a_restart_is_older_than_all_ids_after_it() {
    publish(5);
    long before = feed.lastId();
    time.advance(Duration.ofMillis(1));
    var restarted = new EventFeed(time);
    restarted.publish(EventKind.NODE_JOINED, Map.of());

    watch(restarted, before, heard::add);
    assertThat(heard)
        .extracting(FeedEvent::kind)
        .containsExactly(EventKind.GAP, EventKind.NODE_JOINED);
  }

  @Test
  void an_id_from_the_future_is_told_of_a_gap_and_then_what_comes() {
    publish(2);
    watch(feed, feed.lastId() + 1_000, heard::add);
    publish(1);
    assertThat(heard)
        .extracting(FeedEvent::kind)
        .containsExactly(EventKind.GAP, EventKind.TASK_QUEUED);
  }

  @Test
  void since_gives_what_is_kept() {
    publish(EventFeed.CAPACITY + 5);
    assertThat(feed.since(0)).hasSize(EventFeed.CAPACITY);
    assertThat(feed.since(feed.lastId() - 2)).hasSize(2);
    assertThat(feed.since(feed.lastId())).isEmpty();
  }

  @Test
  void one_watcher_too_many_is_refused_until_another_leaves() {
    var subscriptions = new ArrayList<EventFeed.Subscription>();
    for (int i = 0; i < EventFeed.MAX_SUBSCRIBERS; i++) {
      subscriptions.add(feed.subscribe(feed.lastId(), event -> true).orElseThrow());
    }
    assertThat(feed.subscribe(feed.lastId(), heard::add)).isEmpty();
    subscriptions.getFirst().cancel();
    assertThat(feed.subscribe(feed.lastId(), heard::add)).isPresent();
  }

  @Test
  void a_watcher_that_leaves_while_it_is_told_hears_no_more() {
    var own = new ArrayList<EventFeed.Subscription>();
    own.add(
        feed.subscribe(
                feed.lastId(),
                event -> {
                  heard.add(event);
                  own.getFirst().cancel();
                  return true;
                })
            .orElseThrow());
    publish(3);
    assertThat(heard).hasSize(1);
    assertThat(feed.subscribers()).isZero();
  }

  @Test
  void a_watcher_that_publishes_keeps_the_order_of_the_others() {
    watch(
        feed,
        feed.lastId(),
        event -> {
          if (event.kind() == EventKind.TASK_QUEUED) {
            feed.publish(EventKind.TASK_FINISHED, Map.of());
          }
          return true;
        });
    watch(feed, feed.lastId(), heard::add);
    publish(1);
    assertThat(heard)
        .extracting(FeedEvent::kind)
        .containsExactly(EventKind.TASK_QUEUED, EventKind.TASK_FINISHED);
  }

  @Test
  void an_event_as_a_map_keeps_its_order() {
    FeedEvent event = feed.publish(EventKind.MODEL_LOADED, Map.of("model", "m"));
    assertThat(event.toMap().keySet()).containsExactly("id", "at", "kind", "data");
    assertThat(event.toMap()).containsEntry("kind", "model.loaded");
    assertThat(event.id()).isLessThan(1L << 53);
  }
}
