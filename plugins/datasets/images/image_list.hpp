#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// Which image files a data set is made of. Free of LibTorch.
namespace varia::datasets {

struct ImageFile {
  std::filesystem::path path;
  std::string name;         ///< as the list has it, or relative to the folder
  std::int64_t label = -1;  ///< -1: there are no classes
};

struct ImageList {
  std::vector<ImageFile> files;  ///< those for training, then those for the test
  std::size_t train = 0;         ///< how many are for training
  /// The names of the labels 0, 1, ...; empty if labels are numbers of their own, or there are
  /// none.
  std::vector<std::string> classes;
};

/// The images of a folder: PNG, JPEG, WebP and BMP by the ends of their names; names that begin
/// with a dot, and files that are not images, are left out. Symbolic links are followed. The folder
/// has
///
/// - images alone;
/// - or subfolders alone, whose sorted names are the classes, with images alone;
/// - or the subfolders `train` and `test`, or `train` alone, each as above; the test images are of
///   the classes of the training images.
///
/// Images are sorted by name. If there are classes, the first of each comes first, then the second
/// of each, and so on, so that the first N are a fair part.
/// @throws DataError if the folder is none of these, cannot be read or is empty, or an image is of
///         another format (GIF, TIFF)
ImageList list_folder(const std::filesystem::path& folder);

/// The images that text files list, in that order: a path on every line, then, if there are
/// classes, a tab and the class. A relative path starts at the folder of the list. Classes that are
/// all whole numbers are the labels; else their sorted names are the classes. Empty lines are left
/// out.
/// @param test the list of the test images; empty: there are none
/// @throws DataError with the line if a class is missing, or if there is no path
ImageList read_lists(const std::filesystem::path& train, const std::filesystem::path& test);

}  // namespace varia::datasets
