# Belvedere's words: 繁體中文 (Traditional Chinese).
# One message a line: key = text, with { $placeables }. The three files have the same keys; a test compares them.

# Areas and groups of the layer tree
area-mobility = 交通出行
area-living = 市民生活
area-environment = 環境
area-people = 人群
area-government = 公共服務
area-economy = 經濟
group-city = 城市

# Side panels
panel-layers = 圖層
panel-inspector = 檢視
panel-health = 運行狀況
panel-tiles = 圖磚
panel-fold = 收起面板
panel-close = 關閉

# Layers
layers-filter = 篩選圖層
layers-empty = 此場景沒有圖層。請在場景檔案加入 [[layer]] 或 [[tileset]]，或從選單開啟圖磚集。
layers-no-feeds = 此場景沒有數據源：請在場景檔案的 [feeds] 加入一個，或開啟示範城市。
layers-none-found = 沒有名為「{ $text }」的圖層。
layer-show = 顯示{ $layer }
layer-hide = 隱藏{ $layer }
layer-opacity = { $layer }的不透明度
layer-newest = 最新讀數：{ $age }
layer-quality = { $quality }：{ $n }
layer-count-sensors = 感測器：{ $n }
layer-count-tiles = 圖磚內容：{ $n }
layer-count-features = 要素：{ $n }
legend-more = 另有 { $n } 個
no-unit = 無單位

# States of a reading
quality-good = 良好
quality-not-evaluated = 未評估
quality-stale = 過時
quality-suspect = 可疑
quality-failed = 不合格
quality-missing = 缺失
simulated = 模擬
simulated-hint = 這些數值由模擬產生，並非實測。
simulated-scene = 模擬的城市與讀數
mark-range = 超出範圍
mark-spike = 突變值
mark-rate = 變化過快
mark-flat_line = 數值停滯
mark-gap = 中斷之後
mark-late = 遲到
mark-sensor = 感測器回報故障

# The clock
mode-live = 實時
mode-replay = 重播
mode-forecast = 預測
clock-play = 播放（Space）
clock-pause = 暫停（Space）
clock-paused = 已暫停
clock-step-back = 後退 { $span }
clock-step-forward = 前進 { $span }
clock-rate = 時鐘速率
clock-go-live = 實時
clock-go-live-hint = 回到實時
clock-waiting = 載入中
timeline-name = 時間軸，{ $time }
timeline-history = 歷史
timeline-no-history = 沒有歷史
timeline-forecast = 預測
timeline-no-forecast = 此場景沒有預測
timeline-readings = { $span }內 { $n } 個讀數
timeline-bad = 其中 { $n } 個可疑、不合格或缺失

# Ages and spans
age-now = 現在
age-ago = { $span }前
age-ahead = { $span }後
age-unknown = 未知
span-seconds = { $n } 秒
span-minutes = { $n } 分鐘
span-hours = { $n } 小時
span-days = { $n } 日
span-years = { $n } 年

# The inspector
inspector-empty = 點選建築物或感測器，即可查看它是甚麼、數值的來源和品質。
inspector-several = 已選取：{ $n }
inspector-take-out = 從選取中移除 { $name }
inspector-properties = 屬性
inspector-no-properties = 數據沒有為此要素提供屬性。
inspector-source = 來源
inspector-position = 位置
sensor-title = { $place }，{ $layer }
sensor-forecast = 預測
sensor-forecast-hint = 這是預測的數值，並非實測。
sensor-property = 觀測項目
sensor-measured = 測量時間
sensor-quality = 品質
sensor-cadence = 週期
sensor-linear = 線性
sensor-step = 階梯
sensor-interpolation-hint = 地圖在兩個讀數之間的顯示方式。上面的數值始終是實測值。
sensor-no-value = 沒有讀數
chart-title = 過去 24 小時，{ $unit }
chart-loading = 正在載入過去 24 小時…
chart-empty = 這 24 小時內沒有讀數。
chart-summary = { $n } 個讀數的圖表，介乎 { $low } 與 { $high }

# Health
health-frame = 畫面時間，ms
health-frame-none = 尚未測量畫面時間。
health-frame-line = ms · 每秒 { $fps } 幀 · 95 % 低於 { $p95 } ms
health-adapter = 圖形裝置
health-path = 繪製方式
health-path-lean = 精簡
health-path-full = 完整
health-path-hint = 沒有圖形硬件時會自動選用精簡方式。
health-tiles = 圖磚
health-shown = 顯示
health-loaded = 已載入
health-in-flight = 傳輸中
health-queued = 排隊
health-failed = 失敗
health-memory = 記憶體
health-memory-of = { $used }，上限 { $budget }
health-memory-hint = 處理器、圖形和圖磚樹合計，與預算相比。
health-feeds = 數據源
health-hub-up = 中樞已連線
health-hub-down = 中樞未連線，正在重試
health-feed-silent = 尚無讀數
health-feed-line = { $age } · 每秒 { $rate } 個讀數 · 已接受 { $accepted } 個
health-feed-rejects = 已拒絕：{ $n }
reject-too_large = 訊息過大
reject-not_utf8 = 並非 UTF-8 文字
reject-not_json = 並非 JSON
reject-too_many = 單一訊息的讀數過多
reject-topic = 主題與規則不符
reject-no_value = 沒有數值
reject-not_a_number = 數值不是數字
reject-sensor = 沒有指明感測器
reject-time = 無法讀取時間
reject-too_old = 時間過舊
reject-future = 時間在未來
reject-place = 無法讀取位置
reject-unknown_layer = 未知的圖層
reject-unknown_sensor = 未知的感測器
reject-full = 感測器數目已滿
health-messages = 訊息
health-messages-none = 沒有訊息。
messages-forget = 清除所有訊息
message-close = 關閉此訊息

# Tile debugging
tiles-intro = 查看圖磚的選取情況。此處不會更改數據。
tiles-counts = 數量
tiles-triangles = 三角形
tiles-features = 要素
tiles-levels = 各層級已繪製的圖磚
tiles-level = 第 { $n } 級

# The top bar
scene-none = 沒有場景
scene-menu = 視角與場景
scene-others = 其他場景
search-hint = 搜尋地點、建築物、感測器
search-none = 找不到結果。
search-searching = 搜尋中…
language = 語言
theme-light = 淺色主題
theme-dark = 深色主題
menu-more = 更多
menu-scale = 文字與面板大小
menu-open = 開啟圖磚集或 GeoJSON
menu-open-hint = 路徑或 URL
menu-open-button = 開啟
alarms = 警報：{ $n }，未確認：{ $open }
alarm-since = 自 { $time } 起
alarm-acknowledge = 確認
alarm-hub-gone = 位於 { $hub } 的中樞沒有回應
alarm-store = 無法儲存讀數：{ $error }
alarm-feed-down = 數據源 { $feed } 未連線
alarm-feed-silent = 數據源 { $feed } 沒有新讀數
progress-left = { $stage }，尚餘 { $left }

# Actions
action-play-pause = 播放或暫停
action-step-back = 後退一步
action-step-forward = 前進一步
action-slower = 時鐘減慢
action-faster = 時鐘加快
action-go-live = 回到實時
action-hour-back = 回到一小時前
action-home = 返回起始視角
action-face-north = 面向北方
action-fly-to-selection = 飛往所選對象
action-zoom-in = 放大
action-zoom-out = 縮小
action-fullscreen = 全螢幕
action-screenshot = 儲存圖片
action-search = 搜尋
action-palette = 所有指令
action-help = 快速鍵
action-hide-panels = 隱藏或顯示所有面板
action-layers = 圖層面板
action-inspector = 檢視面板
action-health = 運行狀況面板
action-tiles = 圖磚除錯
action-theme = 深色或淺色主題
action-scale-up = 放大文字
action-scale-down = 縮小文字
action-scale-reset = 標準文字大小
action-clear-selection = 清除選取
action-hide-selected = 隱藏所選要素
action-copy-link = 複製此視角的連結
action-copy-values = 複製數值
action-undo = 復原
action-redo = 重做
action-freeze = 凍結圖磚選取
action-volumes = 顯示包圍體
action-color-by-level = 按層級為圖磚著色
action-english = 語言：English
action-zh-hant = 語言：繁體中文
action-zh-hans = 語言：简体中文
palette-hint = 指令、圖層、地點…
palette-none = 沒有相符的指令。

# The sheet of keys
keys-time = 時間
keys-view = 視角
keys-camera = 鏡頭
keys-panels = 面板
keys-edit = 選取與更改
camera-move = 移動
camera-turn = 轉向
camera-up-down = 上升與下降
camera-orbit = 環繞
camera-pan = 平移
camera-zoom = 縮放至指標處
camera-tilt = 俯仰
camera-faster = 配合上列按鍵加快移動
camera-look = 環視
camera-select = 選取
camera-add = 加入或移出選取
camera-fly-here = 飛往該處
camera-two-fingers = 平移、捏合縮放、轉動、俯仰
mouse-left = 左鍵拖曳
mouse-right = 右鍵拖曳
mouse-wheel = 滾輪
mouse-click = 點按
mouse-shift-click = Shift+點按
mouse-double = 連按兩下
mouse-ctrl-left = Ctrl+左鍵拖曳
touch-one = 單指
touch-two = 雙指

# The map's furniture
compass = 方位 { $heading }，點選面向北方
scale-bar = 比例尺：{ $length }
credit-simulated = 模擬讀數：Belvedere

# Welcome
welcome-title = 開啟一個城市
welcome-text = 將 tileset.json 或 GeoJSON 檔案拖放到此處，或輸入路徑或網址。
welcome-open-scene = 開啟{ $scene }
welcome-left = 尚餘 { $left }
progress-hub = 正在啟動中樞
progress-city = 正在產生示範城市
progress-history = 正在填入過去 24 小時的數據

# Names of layers, by their identifiers in scene files
layer-traffic_speed = 車流速度
layer-parking_occupancy = 停車場
layer-ev_charging_power = 電動車充電
layer-energy_power = 能源錶
layer-noise_level = 噪音
layer-air_pm25 = 空氣：PM2.5
layer-air_no2 = 空氣：NO₂
layer-weather_temperature = 氣溫
layer-weather_humidity = 濕度
layer-weather_wind = 風速
layer-water_level = 水位
layer-crowd_count = 人流
layer-lamp_power = 燈柱
layer-desk_waiting = 服務櫃檯
layer-footfall = 店鋪人流
layer-cargo_cranes = 貨運吊機
layer-buildings = 建築物
layer-terrain = 地形

# Names of properties, by their identifiers in tilesets
property-id = 編號
property-name = 名稱
property-name_zh = 名稱（中文）
property-district = 地區
property-use = 用途
property-storeys = 層數
property-height_m = 高度
property-floor_area_m2 = 樓面面積
property-floor_area = 樓面面積
property-year_built = 建成年份
property-energy_class = 能源級別

# Uses of buildings
use-residential = 住宅
use-office = 辦公室
use-retail = 零售
use-industrial = 工業
use-school = 學校
use-hospital = 醫院
use-hotel = 酒店
use-government = 政府
use-transport = 運輸
use-village = 村屋
use-leisure = 康樂
class-building = 建築物

# What happened and what to do
notice-hub-catalogue = 無法讀取中樞的目錄
notice-hub-silent = 中樞沒有回應
notice-hub-ended = 與中樞的實時連線已中斷
notice-hub-message = 無法讀取中樞的一則實時訊息
notice-picture-saved = 已儲存此視角的圖片
notice-picture-failed = 無法儲存圖片
notice-settings-failed = 無法保留設定
notice-link-copied = 已複製此視角的連結
notice-no-forecast = 此場景沒有預測，時鐘不能超過現在
notice-forecast-end = 已到預測的終點
notice-history-start = 已到歷史的起點
notice-empty-loop = 該時段內沒有可重複播放的內容
notice-no-demo-city = 本機沒有示範城市，亦沒有指定中樞
notice-no-forecast-feed = 此場景沒有提供預測的數據源
notice-update = 請更新中樞或檢視程式
notice-again-soon = 5 秒後重試
notice-without-readings = 正在重試；城市暫無讀數
notice-again = 正在自動重新連線
notice-left-out = 已略過
notice-scene-stays = 原有場景保持開啟
notice-utc = 時間以 UTC 顯示
notice-part-left-out = 已略過場景的這一部分
notice-import-demo = 請執行 `belvedere import demo`，或以 --hub 指定中樞
notice-make-room = 請騰出空間，或在可寫入檔案的位置啟動
notice-until-end = 設定在程式結束前有效
notice-tile-rest = 圖磚的其餘部分照常繪製
notice-parent-stays = 畫面保留上一級圖磚

wall-waiting = 正在等待電視牆主控
wall-lost = 主控失聯：時鐘繼續運行
