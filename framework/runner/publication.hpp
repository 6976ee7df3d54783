#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "files/lease.hpp"
#include "store/trial_file.hpp"

namespace varia::runner {

/// What became of a trial's finished file.
/// - published: it is where all look for it;
/// - kept: a finished trial is there that it must not replace: it failed, or has fewer epochs;
/// - superseded: another run took the trial over, or has published it already.
enum class Publication { published, kept, superseded };

/// Publishes the file of a finished trial, exactly once: a first one by a link, which fails where a
/// file is there; over another one only while the lease is held and has the higher token. Unless it
/// is superseded, the trial's folder is removed then.
/// @param error           says why the trial failed
/// @param save_parameters called before the file is published, and not where it will not be
/// @throws StoreError
Publication publish(store::TrialFile& file, store::Status status, const std::string& error,
                    const files::Lease& lease, const std::filesystem::path& published,
                    const std::function<void()>& save_parameters);

/// True where the trial's published file was written under this lease or a later one.
/// @throws VersionError
bool is_published(const files::Lease& lease, const std::filesystem::path& published);

}  // namespace varia::runner
