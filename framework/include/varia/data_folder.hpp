#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "varia/export.hpp"

namespace varia {

class Text;
class Value;

/// The folder of published data sets: $VARIA_DATA, or ~/.cache/varia.
/// @throws DataError if neither VARIA_DATA nor HOME is set.
VARIA_API std::filesystem::path data_folder();

/// The folder of a published data set. If the folder or one of the files is missing, it runs
/// `fetch-data NAME`, whose messages go to stderr, and looks again. The program is
/// $VARIA_FETCH_DATA, or the one of the source tree or installation that this program belongs to.
/// @param name  of the data set and of its folder in data_folder()
/// @param files that must be in it
/// @throws DataError that says what is missing, where it was looked for, and what to do.
VARIA_API std::filesystem::path require_data(const std::string& name,
                                             const std::vector<std::string>& files);

/// The path that a parameter gives. A relative one starts at the folder of the experiment file in
/// which it is written; at the working folder if it comes from the command line. If
/// $VARIA_FILES_FOLDER has a copy of the file, under its absolute path, it is that of the copy: a
/// job on a cluster reads the files that were submitted with it.
VARIA_API std::filesystem::path input_path(const Text& parameter);

/// The same.
/// @throws DataError at the parameter if nothing is there, with the nearest name that is
VARIA_API std::filesystem::path existing_input_path(const Text& parameter);

/// The same of a resolved parameter's value, whatever copies there are.
VARIA_API std::filesystem::path written_path(const Value& path);

/// What stands in the folder of `path` and has the nearest name; empty if nothing does.
/// @param ending that the name must have
VARIA_API std::string nearest_file(const std::filesystem::path& path, std::string_view ending = "");

}  // namespace varia
