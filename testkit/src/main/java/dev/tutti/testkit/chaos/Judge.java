package dev.tutti.testkit.chaos;

import dev.tutti.testkit.EventTape;
import dev.tutti.testkit.PacedProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/// Holds what clients got against what the hub told and what engines wrote down.
public final class Judge implements AutoCloseable {
  /// The most attempts that one request may get.
  private static final int MAX_ATTEMPTS = 3;

  private static final Duration SETTLED_WITHIN = Duration.ofSeconds(5);
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  private static final String GOES_ON = "goes on with the answer that broke off";

  private final PacedProcess undisturbed =
      PacedProcess.start(
          List.of(),
          "--kind",
          "llama-server",
          "--name",
          "chaos",
          "--models",
          ChaosMesh.MODEL,
          "--load",
          "0",
          "--answer",
          "endless",
          "--prefill",
          "1000000",
          "--decode",
          "1000000",
          "--slots",
          "4");

  /// What the hub told, once it has told the end of each request; or whatever it told.
  public static List<EventTape.Event> settled(EventTape tape, Collection<Reply> replies) {
    var tasks = replies.stream().map(Reply::task).filter(task -> !task.isEmpty()).toList();
    long deadline = System.nanoTime() + SETTLED_WITHIN.toNanos();
    while (!ended(tape.events()).containsAll(tasks) && System.nanoTime() - deadline < 0) {
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
    return tape.events();
  }

  private static Set<String> ended(List<EventTape.Event> told) {
    return of("task.finished", told).stream()
        .map(event -> event.what().path("task_id").asString(""))
        .collect(Collectors.toSet());
  }

  /// Everything that must not have been, in words; empty when all is well.
  public List<String> faults(
      Collection<Reply> replies, List<EventTape.Event> told, Collection<ChaosNode> nodes) {
    var found = new ArrayList<String>();
    Map<String, List<EventTape.Event>> tasks = byTask(told);
    Map<Long, Integer> begun = new HashMap<>();
    nodes.forEach(node ->
        node.work().stream()
            .filter(WorkEntry::isBegin)
            .forEach(entry -> begun.merge(entry.seed(), 1, Integer::sum)));
    try (var reference = new Callers(undisturbed.url(), "", 1, longest(replies), 0)) {
      for (Reply reply : replies) {
        List<EventTape.Event> course = tasks.getOrDefault(reply.task(), List.of());
        end(reply, course, found);
        text(reply, reference, found);
        attempts(reply, course, begun.getOrDefault(reply.seed(), 0), found);
      }
    }
    return found;
  }

  private static int longest(Collection<Reply> replies) {
    return replies.stream().mapToInt(Reply::tokens).max().orElse(1);
  }

  private static Map<String, List<EventTape.Event>> byTask(List<EventTape.Event> told) {
    var tasks = new HashMap<String, List<EventTape.Event>>();
    for (EventTape.Event event : told) {
      String task = event.what().path("task_id").asString("");
      tasks.computeIfAbsent(task, _ -> new ArrayList<>()).add(event);
    }
    return tasks;
  }

  /// Each request ends as done, as refused, or with an error that says so: the hub writes the error
  /// and then breaks the connection, and some clients see only the second.
  private static void end(Reply reply, List<EventTape.Event> course, List<String> found) {
    boolean honest =
        switch (reply.ending()) {
          case DONE, REFUSED, ERROR -> true;
          case BROKEN -> hasFailed(course);
          case CLEAN_BUT_SHORT -> false;
        };
    if (!honest) {
      found.add("no honest end: " + reply.ending() + " " + reply.detail() + " " + of(reply));
    }
  }

  private static boolean hasFailed(List<EventTape.Event> course) {
    return of("task.finished", course).stream()
        .anyMatch(event -> event.what().path("state").asString("").equals("failed"));
  }

  /// No byte is lost or doubled: what came is the answer, or its beginning where it broke off.
  private static void text(Reply reply, Callers reference, List<String> found) {
    if (reply.text().isEmpty() && reply.ending() != Reply.Ending.DONE) {
      return;
    }
    String whole = reference.ask(reply.seed()).text();
    boolean good =
        reply.ending() == Reply.Ending.DONE
            ? whole.equals(reply.text())
            : whole.startsWith(reply.text());
    if (!good) {
      found.add("another answer: \"" + reply.text() + "\" for \"" + whole + "\" " + of(reply));
    }
  }

  /// No engine is asked behind the hub's back, nobody is asked too often, nothing that ran well is
  /// run again, and nothing begins anew once the client has text of it.
  private static void attempts(
      Reply reply, List<EventTape.Event> course, int begun, List<String> found) {
    List<EventTape.Event> assigned = of("task.assigned", course);
    int failed = of("task.attempt_failed", course).size();
    int finished = of("task.finished", course).size();
    if (begun > assigned.size()) {
      found.add(begun + " begun for " + assigned.size() + " attempts " + of(reply));
    }
    if (assigned.size() > MAX_ATTEMPTS) {
      found.add(assigned.size() + " attempts " + of(reply));
    }
    if (assigned.size() > failed + 1) {
      found.add(assigned.size() + " attempts after " + failed + " failures " + of(reply));
    }
    if (!reply.task().isEmpty() && finished != 1) {
      found.add(finished + " ends " + of(reply));
    }
    reply
        .begunAt()
        .ifPresent(at ->
            assigned.stream()
                .filter(event -> event.at().isAfter(at))
                .filter(event -> !event.what().path("why").asString("").contains(GOES_ON))
                .forEach(event -> found.add("begun anew after its first text " + of(reply))));
  }

  private static List<EventTape.Event> of(String kind, List<EventTape.Event> course) {
    return course.stream().filter(event -> event.kind().equals(kind)).toList();
  }

  private static String of(Reply reply) {
    return "(seed " + reply.seed() + ", task " + reply.task() + ")";
  }

  @Override
  public void close() {
    undisturbed.close();
  }
}
