// What the loading page says, in the reader's language, and how it says it.

const MESSAGES = {
  en: {
    looking: "Looking for a way to draw",
    loading: "Loading the viewer",
    compiling: "Preparing the viewer",
    starting: "Opening the city",
    bytes: (read, all) => `${read} of ${all} MB`,
    cannot: "Belvedere cannot start here",
    noApi: "This browser offers neither WebGPU nor WebGL 2, and the 3D view needs one of them.",
    adviceHardware: "Turn on hardware acceleration in the browser's settings.",
    adviceUpdate: "Use a recent Firefox, Chrome, Edge or Safari.",
    adviceDriver: "Update the graphics driver, or try another computer.",
    failed: "The viewer could not be loaded.",
    adviceNetwork: "Check the connection to the server, then try again.",
    adviceServer: "If it stays like this, tell whoever runs this server; the details below help.",
    adviceGraphics: "The graphics card has dropped the picture; starting again mostly helps. Close other pages that draw a lot.",
    lost: "The viewer has stopped.",
    again: "Try again",
    details: "Details for support",
  },
  "zh-Hant": {
    looking: "正在偵測繪圖方式",
    loading: "正在下載檢視器",
    compiling: "正在準備檢視器",
    starting: "正在開啟城市",
    bytes: (read, all) => `${read} / ${all} MB`,
    cannot: "無法在此啟動 Belvedere",
    noApi: "此瀏覽器不支援 WebGPU 或 WebGL 2，而 3D 檢視需要其中一種。",
    adviceHardware: "請在瀏覽器設定中開啟硬件加速。",
    adviceUpdate: "請使用較新版本的 Firefox、Chrome、Edge 或 Safari。",
    adviceDriver: "請更新顯示卡驅動程式，或改用另一部電腦。",
    failed: "無法載入檢視器。",
    adviceNetwork: "請檢查與伺服器的連線，然後再試。",
    adviceServer: "如問題持續，請把下方資料告知伺服器管理員。",
    adviceGraphics: "顯示卡已放棄繪圖；重新啟動通常可以解決。請關閉其他大量繪圖的網頁。",
    lost: "檢視器已停止。",
    again: "再試一次",
    details: "支援資料",
  },
  "zh-Hans": {
    looking: "正在检测绘图方式",
    loading: "正在下载查看器",
    compiling: "正在准备查看器",
    starting: "正在打开城市",
    bytes: (read, all) => `${read} / ${all} MB`,
    cannot: "无法在此启动 Belvedere",
    noApi: "此浏览器不支持 WebGPU 或 WebGL 2，而 3D 视图需要其中一种。",
    adviceHardware: "请在浏览器设置中开启硬件加速。",
    adviceUpdate: "请使用较新版本的 Firefox、Chrome、Edge 或 Safari。",
    adviceDriver: "请更新显卡驱动程序，或换一台电脑。",
    failed: "无法加载查看器。",
    adviceNetwork: "请检查与服务器的连接，然后重试。",
    adviceServer: "如果问题仍然存在，请将下方信息告知服务器管理员。",
    adviceGraphics: "显卡已放弃绘图；重新启动通常可以解决。请关闭其他大量绘图的网页。",
    lost: "查看器已停止。",
    again: "重试",
    details: "支持信息",
  },
};

/** The best of our languages for `?lang=` or for what the browser prefers. */
export function language(wanted) {
  for (const tag of [wanted, ...navigator.languages]) {
    if (!tag) continue;
    const lower = tag.toLowerCase();
    if (lower.startsWith("zh")) {
      return /hant|hk|tw|mo/.test(lower) ? "zh-Hant" : "zh-Hans";
    }
    if (lower.startsWith("en")) return "en";
  }
  return "en";
}

/** The loading page: one stage at a time, and a readable page when it cannot go on. */
export class Stages {
  constructor(wantedLanguage) {
    const tag = language(wantedLanguage);
    document.documentElement.lang = tag;
    this.messages = MESSAGES[tag];
    this.stage = "";
  }

  /** Says what is being done; the bar shows that it is going on. */
  show(stage) {
    if (stage === this.stage) return;
    this.stage = stage;
    performance.mark(`belvedere:${stage}`);
    element("stage").textContent = this.messages[stage];
    element("detail").textContent = "";
    element("progress").removeAttribute("value");
  }

  /** How many bytes have come, of how many. */
  bytes(read, all) {
    const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
    element("detail").textContent = this.messages.bytes(megabytes(read), megabytes(all));
    element("progress").value = all > 0 ? Math.min(read / all, 1) : 0;
  }

  /** The city is on screen. */
  finish() {
    performance.mark("belvedere:ready");
    const loading = element("loading");
    loading.setAttribute("aria-busy", "false");
    loading.classList.add("leaving");
    setTimeout(() => {
      loading.hidden = true;
    }, 300);
    element("belvedere").focus({ preventScroll: true });
  }

  /** A page that people can read instead of the city. */
  fail(reason, advice, details) {
    const messages = this.messages;
    element("loading").hidden = true;
    element("problem-title").textContent = messages.cannot;
    element("problem-text").textContent = messages[reason];
    element("problem-advice").replaceChildren(
      ...advice.map((key) => {
        const item = document.createElement("li");
        item.textContent = messages[key];
        return item;
      }),
    );
    element("problem-summary").textContent = messages.details;
    element("problem-details").textContent = details;
    const button = element("problem-reload");
    button.textContent = messages.again;
    button.onclick = () => location.reload();
    element("problem").hidden = false;
    button.focus();
  }
}

function element(id) {
  return document.getElementById(id);
}
