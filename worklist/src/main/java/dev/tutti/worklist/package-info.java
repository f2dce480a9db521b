/// Longer work: tasks whose client does not wait, files and batches. It outlives the hub.
///
/// Start with {@link dev.tutti.worklist.WorkList}. An item is kept by the {@link
/// dev.tutti.worklist.WorkStore} before anybody is told that it was taken, is claimed a few at a
/// time, is given to a {@link dev.tutti.worklist.Worker} as ordinary work of low priority, and ends
/// with one recorded result, however often the hub dies on the way. Calls core and dialects; called
/// by the gateway, the store and the app.
@NullMarked
package dev.tutti.worklist;

import org.jspecify.annotations.NullMarked;
