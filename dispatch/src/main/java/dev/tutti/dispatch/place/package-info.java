/// Who should hold which model in memory: demand, what fits where, and a plan. Pure but for {@link
/// dev.tutti.dispatch.place.Demand}, which belongs to the owner loop.
///
/// Start with {@link dev.tutti.dispatch.place.Placement}.
@NullMarked
package dev.tutti.dispatch.place;

import org.jspecify.annotations.NullMarked;
