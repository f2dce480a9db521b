package dev.tutti.link.hub;

import dev.tutti.core.NodeId;
import java.time.Duration;

/// Who may join and who is who. Owner loop only. Implemented by {@link Enrolment}.
public interface NodeAdmission {
  /// Decides about a newcomer.
  Decision enrol(Application application);

  /// Whether the credential is that node's.
  ///
  /// @param machineKey what tells two machines apart; empty where the caller does not say
  Verdict authenticate(NodeId node, String credential, String machineKey);

  /// A wish to join. All of it is a stranger's text.
  ///
  /// @param wishedName empty when a token names the node
  /// @param token empty to wait for a human's yes
  /// @param machineKey the same at each start of the same machine
  /// @param host host name, for people
  /// @param version the agent's version
  /// @param pendingId empty, or what an earlier {@link Pending} said
  /// @param address where it comes from, as the hub sees it
  record Application(
      String wishedName,
      String token,
      String machineKey,
      String host,
      String version,
      String pendingId,
      String address) {
    @Override
    public String toString() {
      return "Application[wishedName=" + wishedName + ", address=" + address + "]";
    }
  }

  /// The answer to a wish to join.
  sealed interface Decision {}

  /// It may join, under this name, with this secret from now on.
  record Approved(NodeId node, String credential) implements Decision {
    @Override
    public String toString() {
      return "Approved[node=" + node + "]";
    }
  }

  /// A human has to say yes; ask again with the id.
  record Pending(String pendingId, Duration retryAfter) implements Decision {
    @Override
    public String toString() {
      return "Pending[retryAfter=" + retryAfter + "]";
    }
  }

  /// It may not join.
  record Refused(String reason) implements Decision {}

  /// Whether a node is who it says.
  enum Verdict {
    /// It is.
    OK,
    /// No such node, or not its credential.
    UNKNOWN,
    /// The node was removed by its owner.
    REMOVED,
    /// The right credential from another machine.
    OTHER_MACHINE
  }
}
