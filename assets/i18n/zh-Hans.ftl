# Belvedere's words: 简体中文 (Simplified Chinese).
# One message a line: key = text, with { $placeables }. The three files have the same keys; a test compares them.

# Areas and groups of the layer tree
area-mobility = 交通出行
area-living = 市民生活
area-environment = 环境
area-people = 人群
area-government = 公共服务
area-economy = 经济
group-city = 城市

# Side panels
panel-layers = 图层
panel-inspector = 检视
panel-health = 运行状况
panel-tiles = 瓦片
panel-fold = 收起面板
panel-close = 关闭

# Layers
layers-filter = 筛选图层
layers-empty = 此场景没有图层。请在场景文件中加入 [[layer]] 或 [[tileset]]，或从菜单打开瓦片集。
layers-no-feeds = 此场景没有数据源：请在场景文件的 [feeds] 中加入一个，或打开演示城市。
layers-none-found = 没有名为“{ $text }”的图层。
layer-show = 显示{ $layer }
layer-hide = 隐藏{ $layer }
layer-opacity = { $layer }的不透明度
layer-newest = 最新读数：{ $age }
layer-quality = { $quality }：{ $n }
layer-count-sensors = 传感器：{ $n }
layer-count-tiles = 瓦片内容：{ $n }
layer-count-features = 要素：{ $n }
legend-more = 另有 { $n } 个
no-unit = 无单位

# States of a reading
quality-good = 良好
quality-not-evaluated = 未评估
quality-stale = 过时
quality-suspect = 可疑
quality-failed = 不合格
quality-missing = 缺失
simulated = 模拟
simulated-hint = 这些数值由模拟产生，并非实测。
simulated-scene = 模拟的城市与读数
mark-range = 超出范围
mark-spike = 突变值
mark-rate = 变化过快
mark-flat_line = 数值停滞
mark-gap = 中断之后
mark-late = 迟到
mark-sensor = 传感器报告故障

# The clock
mode-live = 实时
mode-replay = 回放
mode-forecast = 预测
clock-play = 播放（Space）
clock-pause = 暂停（Space）
clock-paused = 已暂停
clock-step-back = 后退 { $span }
clock-step-forward = 前进 { $span }
clock-rate = 时钟速率
clock-go-live = 实时
clock-go-live-hint = 回到实时
clock-waiting = 加载中
timeline-name = 时间轴，{ $time }
timeline-history = 历史
timeline-no-history = 没有历史
timeline-forecast = 预测
timeline-no-forecast = 此场景没有预测
timeline-readings = { $span }内 { $n } 个读数
timeline-bad = 其中 { $n } 个可疑、不合格或缺失

# Ages and spans
age-now = 现在
age-ago = { $span }前
age-ahead = { $span }后
age-unknown = 未知
span-seconds = { $n } 秒
span-minutes = { $n } 分钟
span-hours = { $n } 小时
span-days = { $n } 天
span-years = { $n } 年

# The inspector
inspector-empty = 点击建筑物或传感器，即可查看它是什么、数值的来源和质量。
inspector-several = 已选取：{ $n }
inspector-take-out = 从选取中移除 { $name }
inspector-properties = 属性
inspector-no-properties = 数据没有为此要素提供属性。
inspector-source = 来源
inspector-position = 位置
sensor-title = { $place }，{ $layer }
sensor-forecast = 预测
sensor-forecast-hint = 这是预测的数值，并非实测。
sensor-property = 观测项目
sensor-measured = 测量时间
sensor-quality = 质量
sensor-cadence = 周期
sensor-linear = 线性
sensor-step = 阶梯
sensor-interpolation-hint = 地图在两个读数之间的显示方式。上面的数值始终是实测值。
sensor-no-value = 没有读数
chart-title = 过去 24 小时，{ $unit }
chart-loading = 正在加载过去 24 小时…
chart-empty = 这 24 小时内没有读数。
chart-summary = { $n } 个读数的图表，介于 { $low } 与 { $high }

# Health
health-frame = 帧时间，ms
health-frame-none = 尚未测量帧时间。
health-frame-line = ms · 每秒 { $fps } 帧 · 95 % 低于 { $p95 } ms
health-adapter = 图形设备
health-path = 绘制方式
health-path-lean = 精简
health-path-full = 完整
health-path-hint = 没有图形硬件时会自动选用精简方式。
health-tiles = 瓦片
health-shown = 显示
health-loaded = 已加载
health-in-flight = 传输中
health-queued = 排队
health-failed = 失败
health-memory = 内存
health-memory-of = { $used }，上限 { $budget }
health-memory-hint = 处理器、图形和瓦片树合计，与预算相比。
health-feeds = 数据源
health-hub-up = 中枢已连接
health-hub-down = 中枢未连接，正在重试
health-feed-silent = 尚无读数
health-feed-line = { $age } · 每秒 { $rate } 个读数 · 已接受 { $accepted } 个
health-feed-rejects = 已拒绝：{ $n }
reject-too_large = 消息过大
reject-not_utf8 = 不是 UTF-8 文本
reject-not_json = 不是 JSON
reject-too_many = 单条消息的读数过多
reject-topic = 主题与规则不符
reject-no_value = 没有数值
reject-not_a_number = 数值不是数字
reject-sensor = 没有指明传感器
reject-time = 无法读取时间
reject-too_old = 时间过旧
reject-future = 时间在未来
reject-place = 无法读取位置
reject-unknown_layer = 未知的图层
reject-unknown_sensor = 未知的传感器
reject-full = 传感器数目已满
health-messages = 消息
health-messages-none = 没有消息。
messages-forget = 清除所有消息
message-close = 关闭此消息

# Tile debugging
tiles-intro = 查看瓦片的选取情况。此处不会更改数据。
tiles-counts = 数量
tiles-triangles = 三角形
tiles-features = 要素
tiles-levels = 各层级已绘制的瓦片
tiles-level = 第 { $n } 级

# The top bar
scene-none = 没有场景
scene-menu = 视角与场景
scene-others = 其他场景
search-hint = 搜索地点、建筑物、传感器
search-none = 找不到结果。
search-searching = 搜索中…
language = 语言
theme-light = 浅色主题
theme-dark = 深色主题
menu-more = 更多
menu-scale = 文字与面板大小
menu-open = 打开瓦片集或 GeoJSON
menu-open-hint = 路径或 URL
menu-open-button = 打开
alarms = 警报：{ $n }，未确认：{ $open }
alarm-since = 自 { $time } 起
alarm-acknowledge = 确认
alarm-hub-gone = 位于 { $hub } 的中枢没有响应
alarm-store = 无法存储读数：{ $error }
alarm-feed-down = 数据源 { $feed } 未连接
alarm-feed-silent = 数据源 { $feed } 没有新读数
progress-left = { $stage }，剩余 { $left }

# Actions
action-play-pause = 播放或暂停
action-step-back = 后退一步
action-step-forward = 前进一步
action-slower = 时钟减慢
action-faster = 时钟加快
action-go-live = 回到实时
action-hour-back = 回到一小时前
action-home = 返回起始视角
action-face-north = 面向北方
action-fly-to-selection = 飞往所选对象
action-zoom-in = 放大
action-zoom-out = 缩小
action-fullscreen = 全屏
action-screenshot = 保存图片
action-search = 搜索
action-palette = 所有命令
action-help = 快捷键
action-hide-panels = 隐藏或显示所有面板
action-layers = 图层面板
action-inspector = 检视面板
action-health = 运行状况面板
action-tiles = 瓦片调试
action-theme = 深色或浅色主题
action-scale-up = 放大文字
action-scale-down = 缩小文字
action-scale-reset = 标准文字大小
action-clear-selection = 清除选取
action-hide-selected = 隐藏所选要素
action-copy-link = 复制此视角的链接
action-copy-values = 复制数值
action-undo = 撤销
action-redo = 重做
action-freeze = 冻结瓦片选取
action-volumes = 显示包围体
action-color-by-level = 按层级为瓦片着色
action-english = 语言：English
action-zh-hant = 语言：繁體中文
action-zh-hans = 语言：简体中文
palette-hint = 命令、图层、地点…
palette-none = 没有匹配的命令。

# The sheet of keys
keys-time = 时间
keys-view = 视角
keys-camera = 相机
keys-panels = 面板
keys-edit = 选取与更改
camera-move = 移动
camera-turn = 转向
camera-up-down = 上升与下降
camera-orbit = 环绕
camera-pan = 平移
camera-zoom = 缩放至指针处
camera-tilt = 俯仰
camera-faster = 配合上列按键加快移动
camera-look = 环视
camera-select = 选取
camera-add = 加入或移出选取
camera-fly-here = 飞往该处
camera-two-fingers = 平移、捏合缩放、转动、俯仰
mouse-left = 左键拖动
mouse-right = 右键拖动
mouse-wheel = 滚轮
mouse-click = 单击
mouse-shift-click = Shift+单击
mouse-double = 双击
mouse-ctrl-left = Ctrl+左键拖动
touch-one = 单指
touch-two = 双指

# The map's furniture
compass = 方位 { $heading }，点击面向北方
scale-bar = 比例尺：{ $length }
credit-simulated = 模拟读数：Belvedere

# Welcome
welcome-title = 打开一个城市
welcome-text = 将 tileset.json 或 GeoJSON 文件拖放到此处，或输入路径或网址。
welcome-open-scene = 打开{ $scene }
welcome-left = 剩余 { $left }
progress-hub = 正在启动中枢
progress-city = 正在生成演示城市
progress-history = 正在填入过去 24 小时的数据

# Names of layers, by their identifiers in scene files
layer-traffic_speed = 车流速度
layer-parking_occupancy = 停车场
layer-ev_charging_power = 电动车充电
layer-energy_power = 能源表
layer-noise_level = 噪声
layer-air_pm25 = 空气：PM2.5
layer-air_no2 = 空气：NO₂
layer-weather_temperature = 气温
layer-weather_humidity = 湿度
layer-weather_wind = 风速
layer-water_level = 水位
layer-crowd_count = 人流
layer-lamp_power = 灯柱
layer-desk_waiting = 服务柜台
layer-footfall = 店铺客流
layer-cargo_cranes = 货运吊机
layer-buildings = 建筑物
layer-terrain = 地形

# Names of properties, by their identifiers in tilesets
property-id = 编号
property-name = 名称
property-name_zh = 名称（中文）
property-district = 地区
property-use = 用途
property-storeys = 层数
property-height_m = 高度
property-floor_area_m2 = 建筑面积
property-floor_area = 建筑面积
property-year_built = 建成年份
property-energy_class = 能效等级

# Uses of buildings
use-residential = 住宅
use-office = 办公
use-retail = 零售
use-industrial = 工业
use-school = 学校
use-hospital = 医院
use-hotel = 酒店
use-government = 政府
use-transport = 运输
use-village = 村屋
use-leisure = 休闲
class-building = 建筑物

# What happened and what to do
notice-hub-catalogue = 无法读取中枢的目录
notice-hub-silent = 中枢没有响应
notice-hub-ended = 与中枢的实时连接已断开
notice-hub-message = 无法读取中枢的一条实时消息
notice-picture-saved = 已保存此视角的图片
notice-picture-failed = 无法保存图片
notice-settings-failed = 无法保留设置
notice-link-copied = 已复制此视角的链接
notice-no-forecast = 此场景没有预测，时钟不能超过现在
notice-forecast-end = 已到预测的终点
notice-history-start = 已到历史的起点
notice-empty-loop = 该时段内没有可重复播放的内容
notice-no-demo-city = 本机没有演示城市，也没有指定中枢
notice-no-forecast-feed = 此场景没有提供预测的数据源
notice-update = 请更新中枢或查看程序
notice-again-soon = 5 秒后重试
notice-without-readings = 正在重试；城市暂无读数
notice-again = 正在自动重新连接
notice-left-out = 已略过
notice-scene-stays = 原有场景保持打开
notice-utc = 时间以 UTC 显示
notice-part-left-out = 已略过场景的这一部分
notice-import-demo = 请运行 `belvedere import demo`，或以 --hub 指定中枢
notice-make-room = 请腾出空间，或在可写入文件的位置启动
notice-until-end = 设置在程序结束前有效
notice-tile-rest = 瓦片的其余部分照常绘制
notice-parent-stays = 画面保留上一级瓦片

wall-waiting = 正在等待电视墙主控
wall-lost = 主控失联：时钟继续运行
