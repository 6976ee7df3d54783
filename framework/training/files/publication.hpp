#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "files/lease.hpp"
#include "results/trial/trial_file.hpp"

namespace varia::training {

/// What became of a trial's finished file.
/// - published: it is where all look for it;
/// - kept: a finished trial is there that it must not replace: it failed, or has fewer epochs;
/// - superseded: another run took the trial over, or has published it meanwhile.
enum class Publication { published, kept, superseded };

/// Publishes the file of a finished trial, exactly once: a first one by a link, which fails where a
/// file is there; over another one only while the lease is held and has the higher token. Unless it
/// is superseded, the trial's folder is removed then.
/// @param error           says why the trial failed
/// @param replaces        token of the file that was published when the lease was taken; 0: none.
///                        Another one was published by a run that lost its lease just then, and
///                        stands, unless it failed and this one is done.
/// @param save_parameters called before the file of a trial that is done is published, so that
///                        none is without them; after that of a failed one, whose parameters must
///                        not replace those of a run that was faster
/// @throws StoreError
Publication publish(results::TrialFile& file, results::TrialState status, const std::string& error,
                    const files::Lease& lease, const std::filesystem::path& published,
                    std::uint64_t replaces, const std::function<void()>& save_parameters);

/// True where the trial's published file was written under this lease or a later one.
/// @throws VersionError
bool is_published(const files::Lease& lease, const std::filesystem::path& published);

}  // namespace varia::training
