package dev.tutti.e2e;

import dev.tutti.testkit.TuttiProcess;
import java.util.ArrayList;
import java.util.List;

/// Agents, joined the way a person does it: with the command that the invitation prints.
final class AgentProcess {
  private AgentProcess() {}

  /// Invites, joins with a fresh home and waits until the agent is ready.
  static TuttiProcess join(String hub, TuttiProcess.Place atHub, String name, String... backends) {
    return join(hub, atHub, TuttiProcess.Place.fresh(), name, backends);
  }

  /// Invites, joins with this home and waits until the agent is ready.
  static TuttiProcess join(
      String hub,
      TuttiProcess.Place atHub,
      TuttiProcess.Place place,
      String name,
      String... backends) {
    var invited = TuttiProcess.run(atHub, "--url", hub, "node", "invite", "--name", name);
    if (invited.code() != 0) {
      throw new AssertionError("invite: " + invited);
    }
    List<String> words =
        new ArrayList<>(List.of(invited.out().strip().replaceFirst("^tutti ", "").split(" ")));
    words.addAll(options(backends));
    return ready(TuttiProcess.start(place, words.toArray(String[]::new)), name);
  }

  /// Starts the agent of a home that has joined before.
  static TuttiProcess again(TuttiProcess.Place place, String name, String... backends) {
    List<String> words = new ArrayList<>(List.of("agent", "run"));
    words.addAll(options(backends));
    return ready(TuttiProcess.start(place, words.toArray(String[]::new)), name);
  }

  private static TuttiProcess ready(TuttiProcess agent, String name) {
    String said = agent.waitFor("ready");
    if (!said.equals(name)) {
      throw new AssertionError("ready " + said + " (expected: " + name + ")");
    }
    return agent;
  }

  private static List<String> options(String... backends) {
    List<String> words = new ArrayList<>(List.of("--no-discover"));
    for (String backend : backends) {
      words.addAll(List.of("--backend", backend));
    }
    return words;
  }
}
