package dev.tutti.gateway;

import dev.tutti.access.Doorkeeper;
import dev.tutti.access.audit.AuditLog;
import dev.tutti.access.audit.RefusalTally;
import dev.tutti.core.ModelName;
import dev.tutti.core.Time;
import dev.tutti.dialects.Delta;
import dev.tutti.dialects.Work;
import dev.tutti.dispatch.Dispatcher;
import dev.tutti.fleet.FleetView;
import dev.tutti.telemetry.EventFeed;
import dev.tutti.telemetry.Metrics;
import dev.tutti.worklist.WorkList;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// What the gateway works with. All of it belongs to the owner's loop, except `offLoop`.
///
/// @param hub who this hub is
/// @param dispatcher where work goes
/// @param fleet the newest snapshot of the fleet
/// @param feed what happens
/// @param metrics what is counted
/// @param time the owner loop's time
/// @param random for ids
/// @param keys who may call
/// @param admin the commands that change the mesh
/// @param admission lets tasks in as far as the rights of who asked go
/// @param keyAdmin the keeping of keys
/// @param engines single exchanges with single engines
/// @param worklist longer work: tasks, files and batches that outlive the hub
/// @param router the small model that judges `auto` requests of which the rules are unsure, if the
///   owner named one
/// @param offLoop runs what would hold up the loop, such as the parsing of large bodies; a virtual
///   thread for each is right, since the memory they work on is bounded
/// @param audit where everything that changes the mesh is written down
/// @param refusals where it is counted who was refused
public record GatewayParts(
    HubFacts hub,
    Dispatcher<Work, Delta> dispatcher,
    Supplier<FleetView> fleet,
    EventFeed feed,
    Metrics metrics,
    Time time,
    RandomGenerator random,
    Doorkeeper keys,
    MeshAdmin admin,
    Admission admission,
    KeyAdmin keyAdmin,
    EngineCalls engines,
    WorkList worklist,
    Supplier<Optional<ModelName>> router,
    Executor offLoop,
    AuditLog audit,
    RefusalTally refusals) {}
