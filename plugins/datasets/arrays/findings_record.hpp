#pragma once

#include <functional>
#include <string>

#include "arrays/array_values.hpp"

namespace varia::datasets {

/// What a pass over a large array has found. It is kept in the file `arrays/<key>.checked` in
/// data_folder(), so that other processes need not make the pass, too. A file that is missing,
/// damaged or cannot be written costs time alone.
/// @param key   64 hexadecimal digits, of all that the findings follow from
/// @param check makes the pass; what it throws is not kept
NumberFindings recorded_findings(const std::string& key,
                                 const std::function<NumberFindings()>& check);

}  // namespace varia::datasets
