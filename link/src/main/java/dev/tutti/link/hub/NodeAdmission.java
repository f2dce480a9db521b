package dev.tutti.link.hub;

import com.google.protobuf.ByteString;
import dev.tutti.core.NodeId;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/// Who may join and who is who. Owner loop only. Implemented by {@link Enrolment}.
public interface NodeAdmission {
  /// Decides about a newcomer.
  Decision enrol(Application application);

  /// Who somebody is whose certificate this hub's authority made, and whether it may come.
  ///
  /// @param uuid as the certificate says
  /// @param machineKey what tells two machines apart; empty where the caller does not say
  Verdict recognise(UUID uuid, String machineKey);

  /// A certificate was made for a node.
  ///
  /// @param at as the authority counts: never before the phase that it was made in
  void certified(UUID uuid, Instant at);

  /// A wish to join. All of it is a stranger's text, apart from the key, which the stranger has,
  /// and from what the hub itself knows of the connection.
  ///
  /// @param wishedName empty when a token names the node
  /// @param claim why it should be let in
  /// @param key its public key, as `SubjectPublicKeyInfo`
  /// @param machineKey the same at each start of the same machine
  /// @param host host name, for people
  /// @param version the agent's version
  /// @param address where it comes from, as the hub sees it
  record Application(
      String wishedName,
      Claim claim,
      ByteString key,
      String machineKey,
      String host,
      String version,
      String address) {}

  /// Why a newcomer should be let in.
  sealed interface Claim {}

  /// It was invited.
  ///
  /// @param proof that it has the secret, as `dev.tutti.link.trust.Proof` makes it
  /// @param exporter of the connection
  /// @param request the certificate request, as it came
  record Invited(String tokenId, ByteString proof, ByteString exporter, ByteString request)
      implements Claim {
    @Override
    public String toString() {
      return "Invited[tokenId=" + tokenId + "]";
    }
  }

  /// A human will say yes.
  ///
  /// @param pendingId empty, or what an earlier {@link Pending} said
  /// @param commitment to its number, as `dev.tutti.link.trust.SafetyCode` makes it
  /// @param number empty when it asks for the first time
  record Unasked(String pendingId, ByteString commitment, ByteString number) implements Claim {
    @Override
    public String toString() {
      return "Unasked[]";
    }
  }

  /// The answer to a wish to join.
  sealed interface Decision {}

  /// It may join: a certificate for that id is to be made once `written` completes.
  record Approved(NodeId node, UUID uuid, CompletionStage<?> written) implements Decision {}

  /// A human has to say yes; ask again with the id.
  ///
  /// @param number the hub's, for the code that both ends show
  record Pending(String pendingId, Duration retryAfter, ByteString number) implements Decision {
    @Override
    public String toString() {
      return "Pending[retryAfter=" + retryAfter + "]";
    }
  }

  /// It may not join.
  record Refused(String reason) implements Decision {}

  /// Who somebody is.
  sealed interface Verdict {}

  /// A node that may come.
  record Known(NodeId node) implements Verdict {}

  /// Nobody that this hub knows: it joined again since, or the hub forgot it.
  record Unknown() implements Verdict {}

  /// The node was removed by its owner.
  record Removed() implements Verdict {}

  /// The right certificate from another machine.
  record OtherMachine(NodeId node) implements Verdict {}
}
