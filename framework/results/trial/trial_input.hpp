#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "hdf5/hdf5.hpp"
#include "results/records.hpp"

/// The layout of a trial file, for its writer, its reader and the merge. Private to
/// framework/results.
///
///     (user block)       summary_text.hpp: the fields of the trial once more, as text
///     /                  attrs: format, version, and each of kTrialFields
///     /config            text: the resolved YAML
///     /parameters        [n, 2] text: key; YAML text, or "" for a number
///     /parameter_values  [n] float64: the number, or NaN for text
///     /parameter_flags   [n] uint8: 1 swept, 2 text
///     /columns           [c, 6] text: path, shape, units, bound, axes (the lists by commas), and
///                        which is better
///     /table             [epoch, column] float64: all values of all epochs, NaN if there is
///                        none. A column's path is its place in the merged file; an array takes as
///                        many columns of the table as it has values, in row-major order
///     /steps/<m>         [record, 3] float64: epoch, step, value
///     /views/<v>/<n>     [height, width(, 3)] uint8 (one chunk, deflate); attrs epoch, title, and
///                        those of an HDF5 image, and labels, if it has any, as `labels_text`
///                        writes them; attrs of the group: the layout of the tiles
///     /points/<v>/<n>    [n, 2] float32; attrs epoch, classes, as `classes_text` writes them, and
///                        x and y, which name the axes: those that are known
///     /points/<v>/<n>_label  [n] int64
namespace varia::results {

/// The most pixels along one side of a stored picture. A merged file has one frame around the
/// pictures that all trials made for a view: a tall one and a wide one together must not be too
/// large for it.
inline constexpr std::int64_t kMaxStoredSide = 16384;

/// Values in a row of the table of these columns.
std::int64_t width_of(const std::vector<Column>& columns);

/// A name in a file is checked as one that is given to it: it may become a line of text or the name
/// of another file.
/// @param check check_view_name, for example
/// @throws StoreError about `object`, which has that name
void require_name(const hdf5::Object& object, const std::string& name,
                  const std::function<void(const std::string&)>& check);

/// Checks what is known of a trial: its id is a name, its epochs are a number of epochs.
/// @throws StoreError about `object`
void require_good(const hdf5::Object& object, const TrialInfo& info);

/// What a file says of a metric under `better`. @throws StoreError about `object` for another text
Better required_better(const hdf5::Object& object, const std::string& text);

inline constexpr const char* kMetricsPath = "metrics/";
inline constexpr const char* kSchedulesPath = "schedules/";
inline constexpr const char* kSecondsPath = "timing/seconds";

/// "000012"
std::string frame_name(std::size_t index);

/// A value of a curve per step, as it is stored: epoch, step, value.
using StepRow = std::array<double, 3>;

/// A trial file, open for reading.
class TrialInput {
 public:
  /// @param is_checked whether a file whose checksum differs is an error
  explicit TrialInput(const std::string& path, bool is_checked = true);

  const hdf5::Object& root() const { return root_; }
  TrialInfo info() const;
  /// Without `config` and `metrics`, which cost more to read.
  TrialHeader header() const;
  std::string config() const;
  std::vector<Column> columns() const;
  /// Checks that the file has a table for these columns and epochs. @throws StoreError
  void require_table(const std::vector<Column>& columns, std::int64_t epochs) const;
  /// [epochs, width], for columns and epochs that were read from this file, now or a while ago.
  /// @throws StoreError as require_table
  std::vector<double> table(const std::vector<Column>& columns, std::int64_t epochs) const;

  /// Names in /steps, /views or /points; none if there is no such group.
  std::vector<std::string> names(const std::string& group) const;
  std::vector<StepRow> steps(const std::string& name) const;
  std::int64_t step_count(const std::string& name) const;
  hdf5::Object view(const std::string& name) const;
  hdf5::Object point_group(const std::string& name) const;

 private:
  hdf5::Object root_;
};

/// The fields of a layout by the names of their attributes.
inline constexpr std::array<std::pair<const char*, std::int64_t ViewLayout::*>, 5> kLayoutFields{
    {{"rows", &ViewLayout::rows},
     {"columns", &ViewLayout::columns},
     {"tile_height", &ViewLayout::tile_height},
     {"tile_width", &ViewLayout::tile_width},
     {"padding", &ViewLayout::padding}}};
/// @throws StoreError about `object` if it is the layout of no picture
ViewLayout read_layout(const hdf5::Object& object);
void require_good(const hdf5::Object& object, const ViewLayout& layout);
void write_layout(const hdf5::Object& object, const ViewLayout& layout);
/// [height, width(, 3)] of a picture; checked.
hdf5::Shape picture_shape(const hdf5::Object& dataset);
/// The labels that a data set has as text.
/// @throws StoreError if they are damaged
PictureLabels read_labels(const hdf5::Object& dataset, const std::string& text);
/// The names of classes that a data set has as text.
/// @throws StoreError if they are damaged
ClassNames read_classes(const hdf5::Object& dataset, const std::string& text);
/// Without the pixels.
Picture read_caption(const hdf5::Object& dataset);
Picture read_picture(const hdf5::Object& dataset);
/// The attributes by which HDFView and H5Web know an image.
void write_image_attributes(const hdf5::Object& dataset, std::int64_t channels);
/// The attributes of a scatter plot that name what goes across and up.
inline constexpr std::array<const char*, 2> kAxisNames = {"x", "y"};
/// Scatter plots in a group of /points.
std::size_t points_count(const hdf5::Object& group);
Points read_points(const hdf5::Object& group, std::size_t index);

}  // namespace varia::results
