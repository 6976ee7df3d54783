#include "images/images_dataset.hpp"

#include <ATen/Functions.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "images/many_files.hpp"
#include "images/pixel_cache.hpp"
#include "pictures/decode.hpp"
#include "shared/test_share.hpp"
#include "varia/data_folder.hpp"
#include "varia/error.hpp"
#include "varia/error_list.hpp"
#include "varia/mapped_file.hpp"
#include "varia/parameter_schema.hpp"
#include "varia/sha256.hpp"

namespace varia::datasets {

namespace fs = std::filesystem;

CropParameter::CropParameter(ParamSet* owner, std::string name, std::string doc)
    : Parameter(owner, std::move(name), std::move(doc)) {}

namespace {
constexpr std::int64_t kMost = 1 << 16;
}  // namespace

void CropParameter::read(const Value& value, const LoadContext& context) {
  const std::string expected =
      "none, center, or [top, left, height, width] in pixels, height and width at least 1";
  is_center_ = value.text() == "center";
  box_.clear();
  for (const auto& item : value.items())
    box_.push_back(std::clamp<std::int64_t>(item.as_integer().value_or(-1), -1, kMost));
  const bool is_box = box_.size() == 4 && std::ranges::min(box_) >= 0 && box_[2] > 0 && box_[3] > 0;
  if (!is_box && !is_center_ && value.text() != "none") refuse(value, context, expected);
}

Value CropParameter::resolved() const {
  if (box_.empty()) return Value::text(is_center_ ? "center" : "none");
  auto list = Value::list();
  for (const auto number : box_) list.push(Value::integer(number));
  return list;
}

ParameterDoc CropParameter::describe() const {
  return {.name = name(),
          .type = "choice or list of whole numbers",
          .default_value = "none",
          .range = "none | center | [top, left, height, width]",
          .doc = doc()};
}

Value CropParameter::schema() const {
  const auto number = schema_of({{"type", Value::text("integer")},
                                 {"minimum", Value::integer(0)},
                                 {"maximum", Value::integer(kMost)}});
  const auto box = schema_of({{"type", Value::text("array")},
                              {"items", number},
                              {"minItems", Value::integer(4)},
                              {"maxItems", Value::integer(4)}});
  const auto word =
      schema_of({{"enum", Value::list({Value::text("none"), Value::text("center")})}});
  return schema_of({{"anyOf", Value::list({word, box})}, {"default", Value::text("none")}});
}

void ImagesParams::check() const {
  ErrorList errors;
  errors.collect([&] { DatasetParams::check(); });
  errors.collect([&] {
    if (folder.has_value() == list.has_value())
      fail(folder, "expected the path of a folder of images, or of a 'list': one of the two.");
    if (test_list.has_value() && !list.has_value())
      fail(test_list, "the training images are not listed: give 'list' as well.");
  });
  errors.collect([&] {
    if (test_list.has_value() && test() > 0)
      fail(test, "the test images are those of 'test_list': give one of the two.");
  });
  errors.collect([&] {
    if (const auto count = size().size(); count != 0 && count != 2)
      fail(size, "expected [height, width], found a list of " + std::to_string(count) + ".");
  });
  errors.raise();
}

namespace {

/// A part of an image, in pixels.
struct Box {
  std::int64_t top = 0;
  std::int64_t left = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
};

/// All that is known of the images before any is decoded.
struct Files {
  ImageList list;
  std::vector<ExaminedFile> examined;  ///< one for each

  std::string digest() const;
};

Files find_files(const ImagesParams& params) {
  const auto source = existing_input_path(params.folder.has_value() ? params.folder : params.list);
  Files files;
  files.list =
      params.folder.has_value()
          ? list_folder(source)
          : read_lists(source, params.test_list.has_value() ? existing_input_path(params.test_list)
                                                            : fs::path());
  Sha256 name;
  name.update(fs::absolute(source).lexically_normal().native());
  files.examined = examine(files.list.files,
                           data_folder() / "images" / (name.digest().substr(0, 16) + ".index"));
  return files;
}

std::string Files::digest() const {
  Sha256 hash;
  hash.update(std::to_string(list.train) + "\n");
  for (std::size_t i = 0; i < examined.size(); ++i) {
    const auto& file = list.files[i];
    hash.update(examined[i].digest + " " + std::to_string(file.label) + " " +
                std::to_string(file.name.size()) + " " + file.name + "\n");
  }
  return hash.digest();
}

std::string size_text(std::int64_t height, std::int64_t width) {
  return std::to_string(height) + "x" + std::to_string(width);
}

/// The part of an image that is kept.
/// @throws DataError if the image does not have it
Box box_of(const ImageFile& file, const pictures::ImageHeader& header, const ImagesParams& params) {
  const auto [height, width] = std::pair(header.height, header.width);
  if (const auto& box = params.crop.box(); !box.empty()) {
    if (box[0] + box[2] > height || box[1] + box[3] > width) {
      throw DataError(file.path.string(),
                      "has " + size_text(height, width) +
                          " pixels (height x width), too few for 'crop: [" +
                          std::to_string(box[0]) + ", " + std::to_string(box[1]) + ", " +
                          std::to_string(box[2]) + ", " + std::to_string(box[3]) + "]'.");
    }
    return {.top = box[0], .left = box[1], .height = box[2], .width = box[3]};
  }
  if (!params.crop.is_center()) return {.height = height, .width = width};
  const auto rows = params.size().empty() ? 1 : params.size()[0];
  const auto columns = params.size().empty() ? 1 : params.size()[1];
  Box box{.height = std::clamp<std::int64_t>(width * rows / columns, 1, height),
          .width = std::clamp<std::int64_t>(height * columns / rows, 1, width)};
  box.top = (height - box.height) / 2;
  box.left = (width - box.width) / 2;
  return box;
}

/// The shape of all images together.
/// @throws DataError if they differ in size
PixelShape shape_of(const Files& files, const ImagesParams& params) {
  const auto& headers = files.examined;
  const bool is_grey =
      std::ranges::all_of(headers, [](const auto& file) { return file.header.is_grey; });
  const bool wants_grey = params.channels.is("auto") ? is_grey : params.channels.is("1");
  PixelShape shape{static_cast<std::int64_t>(headers.size()), wants_grey ? 1 : 3, 0, 0};
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const auto& header = headers[i].header;
    const auto box = box_of(files.list.files[i], header, params);
    const auto height = params.size().empty() ? box.height : params.size()[0];
    const auto width = params.size().empty() ? box.width : params.size()[1];
    if (i == 0) shape = {shape[0], shape[1], height, width};
    if (height == shape[2] && width == shape[3]) continue;
    const auto& first = headers[0].header;
    throw DataError(files.list.files[i].path.string(),
                    "has " + size_text(header.height, header.width) +
                        " pixels (height x width), and " + files.list.files[0].path.string() + " " +
                        size_text(first.height, first.width) +
                        ". Give all images one size by 'size: [height, width]', which scales them, "
                        "after 'crop: center' if they must keep their proportions.");
  }
  if (shape[0] > std::numeric_limits<std::int64_t>::max() / (shape[1] * shape[2] * shape[3]))
    throw DataError("", std::to_string(shape[0]) + " images are too many.");
  return shape;
}

/// Decodes one image, cuts it and scales it.
/// @returns [C, H, W] uint8, contiguous
Tensor decoded(const pictures::Decoder& decoder, const ImageFile& file,
               const ExaminedFile& examined, const PixelShape& shape, const ImagesParams& params) {
  const auto bytes = read_file(file.path);
  Sha256 hash;
  hash.update(bytes);
  if (hash.digest() != examined.digest)
    throw DataError(file.path.string(), "was changed while it was read. Run again.");
  std::optional<pictures::Image> image;
  try {
    image = decoder.decode(bytes, examined.header, shape[1]);
  } catch (const Error& error) {
    throw DataError(file.path.string(), error.what());
  }
  const auto box = box_of(file, examined.header, params);
  auto pixels =
      at::from_blob(image->pixels.data(), {image->height, image->width, shape[1]}, at::kByte)
          .slice(0, box.top, box.top + box.height)
          .slice(1, box.left, box.left + box.width)
          .permute({2, 0, 1});
  if (box.height != shape[2] || box.width != shape[3]) {
    const auto scaled =
        resized(pixels.to(at::kFloat).contiguous().unsqueeze(0), shape[2], shape[3]);
    pixels = scaled.squeeze(0).round().clamp(0, 255).to(at::kByte);
  }
  return pixels.clone(at::MemoryFormat::Contiguous);
}

/// Says how decoding changes pixels.
void say_losses(const Files& files) {
  const auto report = [&](const std::string& what, const auto& is_so) {
    if (const auto count = std::ranges::count_if(files.examined, is_so); count > 0)
      say("images: " + std::to_string(count) + " of " + std::to_string(files.examined.size()) +
          " files " + what);
  };
  report("have 16 bits for each number; they are reduced to their upper 8",
         [](const auto& file) { return file.header.bits > 8; });
  report("may be transparent in parts, which is ignored: colours stay as they are stored",
         [](const auto& file) { return file.header.has_alpha; });
}

void decode_all(const Files& files, const PixelShape& shape, const ImagesParams& params,
                PixelWriter& writer) {
  // Of a decoded image: in GD, as bytes, cut, as floats, scaled.
  constexpr std::int64_t kBytesPerPixel = 40;
  std::int64_t largest = 1;
  for (const auto& file : files.examined)
    largest = std::max(largest, file.header.height * file.header.width);
  const auto threads = std::max<std::int64_t>(1, memory_for_data() / (largest * kBytesPerPixel));
  const pictures::Decoder decoder;
  for_each_file("decoding images", files.examined.size(), static_cast<std::size_t>(threads),
                [&](std::size_t i) {
                  const auto pixels =
                      decoded(decoder, files.list.files[i], files.examined[i], shape, params);
                  writer.write(static_cast<std::int64_t>(i), pixels.data_ptr<std::uint8_t>());
                });
  say_losses(files);
}

/// The decoded images [N, C, H, W], from the cache if they are there.
Tensor pixels_of(const Files& files, const ImagesParams& params) {
  const auto shape = shape_of(files, params);
  Sha256 key;
  key.update(files.digest() + " images 1 " + params.crop.resolved().canonical() + " ");
  for (const auto extent : shape) key.update(std::to_string(extent) + ",");
  return cached_pixels(key.digest(), shape,
                       [&](PixelWriter& writer) { decode_all(files, shape, params, writer); });
}

/// [N] int64, undefined if there are no classes.
Tensor labels_of(const ImageList& list) {
  if (list.files.front().label < 0) return {};
  const auto labels = at::empty({static_cast<std::int64_t>(list.files.size())}, at::kLong);
  std::ranges::transform(list.files, labels.data_ptr<std::int64_t>(), &ImageFile::label);
  return labels;
}

}  // namespace

void ImagesDataset::open() {
  const auto files = find_files(params_);
  const auto train = static_cast<std::int64_t>(files.list.train);
  const auto count = static_cast<std::int64_t>(files.list.files.size());
  if (params_.test() > 0 && train < count) {
    throw ConfigError(params_.test.where(),
                      "test: the test images are those of the folder 'test'; remove one of the "
                      "two.");
  }
  const auto pixels = pixels_of(files, params_);
  const auto labels = labels_of(files.list);
  const auto part = [&](std::int64_t begin, std::int64_t end) {
    std::vector<std::string> names;
    std::transform(files.list.files.begin() + begin, files.list.files.begin() + end,
                   std::back_inserter(names), [](const ImageFile& file) { return file.name; });
    return std::make_shared<MemorySamples>(
        pixels.slice(0, begin, end),
        Annotations{.bounds = Range{0, 1},
                    .labels = labels.defined() ? labels.slice(0, begin, end).clone() : labels,
                    .class_names = files.list.classes,
                    .sample_names = std::move(names)});
  };
  train_ = part(0, train);
  if (train < count) test_ = part(train, count);
  if (params_.test() > 0) {
    const auto all = train_;
    const auto share = set_test_aside(count, params_.test, params_);
    train_ = std::make_shared<SubsetSamples>(all, share.train);
    test_ = std::make_shared<SubsetSamples>(all, share.test);
  }
  is_open_ = true;
}

std::shared_ptr<const Samples> ImagesDataset::load(std::string_view split) {
  if (!is_open_) open();
  return split == "train" ? train_ : test_;
}

std::string ImagesDataset::digest() { return find_files(params_).digest(); }

}  // namespace varia::datasets
