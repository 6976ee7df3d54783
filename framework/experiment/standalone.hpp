#pragma once

#include "experiment/experiment.hpp"

namespace varia::experiment {

/// An experiment as one file that can lie anywhere: everything merged, its name written out,
/// plugins as absolute paths, and `relative_to` as the folder where the paths of its sections
/// start, or as a map where these were written in files of several folders. The overrides are in
/// it, but a variant of the sweep may set the same keys: give them again with it.
///
/// Where one section was put together from files of several folders, its relative paths can only be
/// those of one of them, the file that was read.
Value standalone(const Experiment& experiment);

}  // namespace varia::experiment
