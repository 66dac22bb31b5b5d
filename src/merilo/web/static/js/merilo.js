// node_modules/govuk-frontend/dist/govuk/common/index.mjs
function getBreakpoint(name) {
  let property = `--govuk-breakpoint-${name}`, value = window.getComputedStyle(document.documentElement).getPropertyValue(property);
  return {
    property,
    value: value || void 0
  };
}
function setFocus($element, options = {}) {
  var _options$onBeforeFocu;
  let isFocusable = $element.getAttribute("tabindex");
  isFocusable || $element.setAttribute("tabindex", "-1");
  function onFocus() {
    $element.addEventListener("blur", onBlur, {
      once: !0
    });
  }
  function onBlur() {
    var _options$onBlur;
    (_options$onBlur = options.onBlur) == null || _options$onBlur.call($element), isFocusable || $element.removeAttribute("tabindex");
  }
  $element.addEventListener("focus", onFocus, {
    once: !0
  }), (_options$onBeforeFocu = options.onBeforeFocus) == null || _options$onBeforeFocu.call($element), $element.focus();
}
function isInitialised($root, moduleName) {
  return $root instanceof HTMLElement && $root.hasAttribute(`data-${moduleName}-init`);
}
function isSupported($scope = document.body) {
  return $scope ? $scope.classList.contains("govuk-frontend-supported") : !1;
}
function isArray(option) {
  return Array.isArray(option);
}
function isObject(option) {
  return !!option && typeof option == "object" && !isArray(option);
}
function isScope($scope) {
  return !!$scope && ($scope instanceof Element || $scope instanceof Document);
}
function formatErrorMessage(Component2, message) {
  return `${Component2.moduleName}: ${message}`;
}

// node_modules/govuk-frontend/dist/govuk/errors/index.mjs
var GOVUKFrontendError = class extends Error {
  constructor(...args) {
    super(...args), this.name = "GOVUKFrontendError";
  }
}, SupportError = class extends GOVUKFrontendError {
  /**
   * Checks if GOV.UK Frontend is supported on this page
   *
   * @param {Element | Document | null | string} [scopeOrMessage] - HTML element `<body>` checked for browser support or support error message
   */
  constructor(scopeOrMessage = document.body) {
    let supportMessage = "noModule" in HTMLScriptElement.prototype ? 'GOV.UK Frontend initialised without `<body class="govuk-frontend-supported">` from template `<script>` snippet' : "GOV.UK Frontend is not supported in this browser";
    isScope(scopeOrMessage) || (supportMessage = 'GOV.UK Frontend initialised without `<script type="module">`'), super(typeof scopeOrMessage == "string" ? scopeOrMessage : supportMessage), this.name = "SupportError";
  }
}, ConfigError = class extends GOVUKFrontendError {
  constructor(...args) {
    super(...args), this.name = "ConfigError";
  }
}, ElementError = class extends GOVUKFrontendError {
  constructor(messageOrOptions) {
    let message = typeof messageOrOptions == "string" ? messageOrOptions : "";
    if (isObject(messageOrOptions)) {
      let {
        component,
        identifier,
        element,
        expectedType
      } = messageOrOptions;
      message = identifier, message += element ? ` is not of type ${expectedType ?? "HTMLElement"}` : " not found", component && (message = formatErrorMessage(component, message));
    }
    super(message), this.name = "ElementError";
  }
}, InitError = class extends GOVUKFrontendError {
  constructor(componentOrMessage) {
    let message = typeof componentOrMessage == "string" ? componentOrMessage : formatErrorMessage(componentOrMessage, "Root element (`$root`) already initialised");
    super(message), this.name = "InitError";
  }
};

// node_modules/govuk-frontend/dist/govuk/component.mjs
var _self = typeof globalThis < "u" ? globalThis : self, Component = class {
  /**
   * Returns the root element of the component
   *
   * @protected
   * @returns {RootElementType} - the root element of component
   */
  get $root() {
    return this._$root;
  }
  constructor($root) {
    this._$root = void 0;
    let childConstructor = this.constructor;
    if (typeof childConstructor.moduleName != "string")
      throw new InitError("`moduleName` not defined in component");
    if ($root instanceof childConstructor.elementType)
      this._$root = $root;
    else
      throw new ElementError({
        element: $root,
        component: childConstructor,
        identifier: "Root element (`$root`)",
        expectedType: childConstructor.elementType.name
      });
    childConstructor.checkSupport(), this.checkInitialised();
    let moduleName = childConstructor.moduleName;
    this.$root.setAttribute(`data-${moduleName}-init`, "");
  }
  checkInitialised() {
    let constructor = this.constructor, moduleName = constructor.moduleName;
    if (moduleName && isInitialised(this.$root, moduleName))
      throw new InitError(constructor);
  }
  static checkSupport() {
    if (!isSupported())
      throw new SupportError();
  }
};
Component.elementType = _self.HTMLElement;

// node_modules/govuk-frontend/dist/govuk/common/configuration.mjs
var configOverride = /* @__PURE__ */ Symbol.for("configOverride"), ConfigurableComponent = class extends Component {
  [configOverride](param) {
    return {};
  }
  /**
   * Returns the root element of the component
   *
   * @protected
   * @returns {ConfigurationType} - the root element of component
   */
  get config() {
    return this._config;
  }
  constructor($root, config) {
    super($root), this._config = void 0;
    let childConstructor = this.constructor;
    if (!isObject(childConstructor.defaults))
      throw new ConfigError(formatErrorMessage(childConstructor, "Config passed as parameter into constructor but no defaults defined"));
    let datasetConfig = normaliseDataset(childConstructor, this._$root.dataset);
    this._config = mergeConfigs(childConstructor.defaults, config ?? {}), this._config = mergeConfigs(this._config, this[configOverride](datasetConfig), datasetConfig);
  }
};
function normaliseString(value, property) {
  if (property != null && property.type && !["string", "number", "boolean"].includes(property.type))
    return;
  let trimmedValue = value ? value.trim() : "", output, outputType = property?.type;
  switch (outputType || (["true", "false"].includes(trimmedValue) && (outputType = "boolean"), trimmedValue.length > 0 && isFinite(Number(trimmedValue)) && (outputType = "number")), outputType) {
    case "boolean":
      output = trimmedValue === "true";
      break;
    case "number":
      output = Number(trimmedValue);
      break;
    default:
      output = value;
  }
  return output;
}
function normaliseDataset(Component2, dataset) {
  if (!isObject(Component2.schema))
    throw new ConfigError(formatErrorMessage(Component2, "Config passed as parameter into constructor but no schema defined"));
  let out = {}, entries = Object.entries(Component2.schema.properties);
  for (let entry of entries) {
    let [namespace, property] = entry, field = namespace.toString();
    field in dataset && (out[field] = normaliseString(dataset[field], property)), property?.type === "object" && (out[field] = extractConfigByNamespace(Component2.schema, dataset, namespace));
  }
  return out;
}
function mergeConfigs(...configObjects) {
  let formattedConfigObject = {};
  for (let configObject of configObjects)
    for (let key of Object.keys(configObject)) {
      let option = formattedConfigObject[key], override = configObject[key];
      isObject(option) && isObject(override) ? formattedConfigObject[key] = mergeConfigs(option, override) : formattedConfigObject[key] = override;
    }
  return formattedConfigObject;
}
function extractConfigByNamespace(schema, dataset, namespace) {
  let property = schema.properties[namespace];
  if (property?.type !== "object")
    return;
  let newObject = {
    [namespace]: {}
  };
  for (let [key, value] of Object.entries(dataset)) {
    let current = newObject, keyParts = key.split(".");
    for (let [index, name] of keyParts.entries())
      isObject(current) && (index < keyParts.length - 1 ? (isObject(current[name]) || (current[name] = {}), current = current[name]) : key !== namespace && (current[name] = normaliseString(value)));
  }
  return newObject[namespace];
}

// node_modules/govuk-frontend/dist/govuk/components/checkboxes/checkboxes.mjs
/**
 * Checkboxes component
 *
 * @preserve
 */
var Checkboxes = class _Checkboxes extends Component {
  /**
   * Checkboxes can be associated with a 'conditionally revealed' content block
   * – for example, a checkbox for 'Phone' could reveal an additional form field
   * for the user to enter their phone number.
   *
   * These associations are made using a `data-aria-controls` attribute, which
   * is promoted to an aria-controls attribute during initialisation.
   *
   * We also need to restore the state of any conditional reveals on the page
   * (for example if the user has navigated back), and set up event handlers to
   * keep the reveal in sync with the checkbox state.
   *
   * @param {Element | null} $root - HTML element to use for checkboxes
   */
  constructor($root) {
    super($root), this.$inputs = void 0;
    let $inputs = this.$root.querySelectorAll('input[type="checkbox"]');
    if (!$inputs.length)
      throw new ElementError({
        component: _Checkboxes,
        identifier: 'Form inputs (`<input type="checkbox">`)'
      });
    this.$inputs = $inputs, this.$inputs.forEach(($input) => {
      let targetId = $input.getAttribute("data-aria-controls");
      if (targetId) {
        if (!document.getElementById(targetId))
          throw new ElementError({
            component: _Checkboxes,
            identifier: `Conditional reveal (\`id="${targetId}"\`)`
          });
        $input.setAttribute("aria-controls", targetId), $input.removeAttribute("data-aria-controls");
      }
    }), window.addEventListener("pageshow", () => this.syncAllConditionalReveals()), this.syncAllConditionalReveals(), this.$root.addEventListener("click", (event) => this.handleClick(event));
  }
  syncAllConditionalReveals() {
    this.$inputs.forEach(($input) => this.syncConditionalRevealWithInputState($input));
  }
  syncConditionalRevealWithInputState($input) {
    let targetId = $input.getAttribute("aria-controls");
    if (!targetId)
      return;
    let $target = document.getElementById(targetId);
    if ($target != null && $target.classList.contains("govuk-checkboxes__conditional")) {
      let inputIsChecked = $input.checked;
      $input.setAttribute("aria-expanded", inputIsChecked.toString()), $target.classList.toggle("govuk-checkboxes__conditional--hidden", !inputIsChecked);
    }
  }
  unCheckAllInputsExcept($input) {
    document.querySelectorAll(`input[type="checkbox"][name="${$input.name}"]`).forEach(($inputWithSameName) => {
      $input.form === $inputWithSameName.form && $inputWithSameName !== $input && ($inputWithSameName.checked = !1, this.syncConditionalRevealWithInputState($inputWithSameName));
    });
  }
  unCheckExclusiveInputs($input) {
    document.querySelectorAll(`input[data-behaviour="exclusive"][type="checkbox"][name="${$input.name}"]`).forEach(($exclusiveInput) => {
      $input.form === $exclusiveInput.form && ($exclusiveInput.checked = !1, this.syncConditionalRevealWithInputState($exclusiveInput));
    });
  }
  handleClick(event) {
    let $clickedInput = event.target;
    if (!($clickedInput instanceof HTMLInputElement) || $clickedInput.type !== "checkbox" || ($clickedInput.getAttribute("aria-controls") && this.syncConditionalRevealWithInputState($clickedInput), !$clickedInput.checked))
      return;
    $clickedInput.getAttribute("data-behaviour") === "exclusive" ? this.unCheckAllInputsExcept($clickedInput) : this.unCheckExclusiveInputs($clickedInput);
  }
};
Checkboxes.moduleName = "govuk-checkboxes";

// node_modules/govuk-frontend/dist/govuk/components/error-summary/error-summary.mjs
/**
 * Error summary component
 *
 * Takes focus on initialisation for accessible announcement, unless disabled in
 * configuration.
 *
 * @preserve
 * @augments ConfigurableComponent<ErrorSummaryConfig>
 */
var ErrorSummary = class extends ConfigurableComponent {
  /**
   * @param {Element | null} $root - HTML element to use for error summary
   * @param {ErrorSummaryConfig} [config] - Error summary config
   */
  constructor($root, config = {}) {
    super($root, config), this.config.disableAutoFocus || setFocus(this.$root), this.$root.addEventListener("click", (event) => this.handleClick(event));
  }
  handleClick(event) {
    let $target = event.target;
    $target && this.focusTarget($target) && event.preventDefault();
  }
  focusTarget($target) {
    if (!($target instanceof HTMLAnchorElement))
      return !1;
    let inputId = $target.hash.replace("#", "");
    if (!inputId)
      return !1;
    let $input = document.getElementById(inputId);
    if (!$input)
      return !1;
    let $legendOrLabel = this.getAssociatedLegendOrLabel($input);
    return $legendOrLabel ? ($legendOrLabel.scrollIntoView(), $input.focus({
      preventScroll: !0
    }), !0) : !1;
  }
  getAssociatedLegendOrLabel($input) {
    var _document$querySelect;
    let $fieldset = $input.closest("fieldset");
    if ($fieldset) {
      let $legends = $fieldset.getElementsByTagName("legend");
      if ($legends.length) {
        let $candidateLegend = $legends[0];
        if ($input instanceof HTMLInputElement && ($input.type === "checkbox" || $input.type === "radio"))
          return $candidateLegend;
        let legendTop = $candidateLegend.getBoundingClientRect().top, inputRect = $input.getBoundingClientRect();
        if (inputRect.height && window.innerHeight && inputRect.top + inputRect.height - legendTop < window.innerHeight / 2)
          return $candidateLegend;
      }
    }
    return (_document$querySelect = document.querySelector(`label[for='${$input.getAttribute("id")}']`)) != null ? _document$querySelect : $input.closest("label");
  }
};
ErrorSummary.moduleName = "govuk-error-summary";
ErrorSummary.defaults = Object.freeze({
  disableAutoFocus: !1
});
ErrorSummary.schema = Object.freeze({
  properties: {
    disableAutoFocus: {
      type: "boolean"
    }
  }
});

// node_modules/govuk-frontend/dist/govuk/components/radios/radios.mjs
/**
 * Radios component
 *
 * @preserve
 */
var Radios = class _Radios extends Component {
  /**
   * Radios can be associated with a 'conditionally revealed' content block –
   * for example, a radio for 'Phone' could reveal an additional form field for
   * the user to enter their phone number.
   *
   * These associations are made using a `data-aria-controls` attribute, which
   * is promoted to an aria-controls attribute during initialisation.
   *
   * We also need to restore the state of any conditional reveals on the page
   * (for example if the user has navigated back), and set up event handlers to
   * keep the reveal in sync with the radio state.
   *
   * @param {Element | null} $root - HTML element to use for radios
   */
  constructor($root) {
    super($root), this.$inputs = void 0;
    let $inputs = this.$root.querySelectorAll('input[type="radio"]');
    if (!$inputs.length)
      throw new ElementError({
        component: _Radios,
        identifier: 'Form inputs (`<input type="radio">`)'
      });
    this.$inputs = $inputs, this.$inputs.forEach(($input) => {
      let targetId = $input.getAttribute("data-aria-controls");
      if (targetId) {
        if (!document.getElementById(targetId))
          throw new ElementError({
            component: _Radios,
            identifier: `Conditional reveal (\`id="${targetId}"\`)`
          });
        $input.setAttribute("aria-controls", targetId), $input.removeAttribute("data-aria-controls");
      }
    }), window.addEventListener("pageshow", () => this.syncAllConditionalReveals()), this.syncAllConditionalReveals(), this.$root.addEventListener("click", (event) => this.handleClick(event));
  }
  syncAllConditionalReveals() {
    this.$inputs.forEach(($input) => this.syncConditionalRevealWithInputState($input));
  }
  syncConditionalRevealWithInputState($input) {
    let targetId = $input.getAttribute("aria-controls");
    if (!targetId)
      return;
    let $target = document.getElementById(targetId);
    if ($target != null && $target.classList.contains("govuk-radios__conditional")) {
      let inputIsChecked = $input.checked;
      $input.setAttribute("aria-expanded", inputIsChecked.toString()), $target.classList.toggle("govuk-radios__conditional--hidden", !inputIsChecked);
    }
  }
  handleClick(event) {
    let $clickedInput = event.target;
    if (!($clickedInput instanceof HTMLInputElement) || $clickedInput.type !== "radio")
      return;
    let $allInputs = document.querySelectorAll('input[type="radio"][aria-controls]'), $clickedInputForm = $clickedInput.form, $clickedInputName = $clickedInput.name;
    $allInputs.forEach(($input) => {
      let hasSameFormOwner = $input.form === $clickedInputForm;
      $input.name === $clickedInputName && hasSameFormOwner && this.syncConditionalRevealWithInputState($input);
    });
  }
};
Radios.moduleName = "govuk-radios";

// node_modules/govuk-frontend/dist/govuk/components/skip-link/skip-link.mjs
var _self2 = typeof globalThis < "u" ? globalThis : self;
/**
 * Skip link component
 *
 * @preserve
 * @augments Component<HTMLAnchorElement>
 */
var SkipLink = class _SkipLink extends Component {
  /**
   * @param {Element | null} $root - HTML element to use for skip link
   * @throws {ElementError} when $root is not set or the wrong type
   * @throws {ElementError} when $root.hash does not contain a hash
   * @throws {ElementError} when the linked element is missing or the wrong type
   */
  constructor($root) {
    var _this$$root$getAttrib;
    super($root);
    let hash = this.$root.hash, href = (_this$$root$getAttrib = this.$root.getAttribute("href")) != null ? _this$$root$getAttrib : "";
    if (this.$root.origin !== window.location.origin || this.$root.pathname !== window.location.pathname)
      return;
    let linkedElementId = hash.replace("#", "");
    if (!linkedElementId)
      throw new ElementError(`Skip link: Target link (\`href="${href}"\`) has no hash fragment`);
    let $linkedElement = document.getElementById(linkedElementId);
    if (!$linkedElement)
      throw new ElementError({
        component: _SkipLink,
        element: $linkedElement,
        identifier: `Target content (\`id="${linkedElementId}"\`)`
      });
    this.$root.addEventListener("click", () => setFocus($linkedElement, {
      onBeforeFocus() {
        $linkedElement.classList.add("govuk-skip-link-focused-element");
      },
      onBlur() {
        $linkedElement.classList.remove("govuk-skip-link-focused-element");
      }
    }));
  }
};
SkipLink.elementType = _self2.HTMLAnchorElement;
SkipLink.moduleName = "govuk-skip-link";

// node_modules/govuk-frontend/dist/govuk/components/tabs/tabs.mjs
/**
 * Tabs component
 *
 * @preserve
 */
var Tabs = class _Tabs extends Component {
  /**
   * @param {Element | null} $root - HTML element to use for tabs
   */
  constructor($root) {
    super($root), this.$tabs = void 0, this.$tabList = void 0, this.$tabListItems = void 0, this.jsHiddenClass = "govuk-tabs__panel--hidden", this.changingHash = !1, this.boundTabClick = void 0, this.boundTabKeydown = void 0, this.boundOnHashChange = void 0, this.mql = null;
    let $tabs = this.$root.querySelectorAll("a.govuk-tabs__tab");
    if (!$tabs.length)
      throw new ElementError({
        component: _Tabs,
        identifier: 'Links (`<a class="govuk-tabs__tab">`)'
      });
    this.$tabs = $tabs, this.boundTabClick = this.onTabClick.bind(this), this.boundTabKeydown = this.onTabKeydown.bind(this), this.boundOnHashChange = this.onHashChange.bind(this);
    let $tabList = this.$root.querySelector(".govuk-tabs__list"), $tabListItems = this.$root.querySelectorAll("li.govuk-tabs__list-item");
    if (!$tabList)
      throw new ElementError({
        component: _Tabs,
        identifier: 'List (`<ul class="govuk-tabs__list">`)'
      });
    if (!$tabListItems.length)
      throw new ElementError({
        component: _Tabs,
        identifier: 'List items (`<li class="govuk-tabs__list-item">`)'
      });
    this.$tabList = $tabList, this.$tabListItems = $tabListItems, this.setupResponsiveChecks();
  }
  setupResponsiveChecks() {
    let breakpoint = getBreakpoint("tablet");
    if (!breakpoint.value)
      throw new ElementError({
        component: _Tabs,
        identifier: `CSS custom property (\`${breakpoint.property}\`) on pseudo-class \`:root\``
      });
    this.mql = window.matchMedia(`(min-width: ${breakpoint.value})`), "addEventListener" in this.mql ? this.mql.addEventListener("change", () => this.checkMode()) : this.mql.addListener(() => this.checkMode()), this.checkMode();
  }
  checkMode() {
    var _this$mql;
    (_this$mql = this.mql) != null && _this$mql.matches ? this.setup() : this.teardown();
  }
  setup() {
    var _this$getTab;
    this.$tabList.setAttribute("role", "tablist"), this.$tabListItems.forEach(($item) => {
      $item.setAttribute("role", "presentation");
    }), this.$tabs.forEach(($tab) => {
      this.setAttributes($tab), $tab.addEventListener("click", this.boundTabClick, !0), $tab.addEventListener("keydown", this.boundTabKeydown, !0), this.hideTab($tab);
    });
    let $activeTab = (_this$getTab = this.getTab(window.location.hash)) != null ? _this$getTab : this.$tabs[0];
    this.showTab($activeTab), window.addEventListener("hashchange", this.boundOnHashChange, !0);
  }
  teardown() {
    this.$tabList.removeAttribute("role"), this.$tabListItems.forEach(($item) => {
      $item.removeAttribute("role");
    }), this.$tabs.forEach(($tab) => {
      $tab.removeEventListener("click", this.boundTabClick, !0), $tab.removeEventListener("keydown", this.boundTabKeydown, !0), this.unsetAttributes($tab);
    }), window.removeEventListener("hashchange", this.boundOnHashChange, !0);
  }
  onHashChange() {
    let hash = window.location.hash, $tabWithHash = this.getTab(hash);
    if (!$tabWithHash)
      return;
    if (this.changingHash) {
      this.changingHash = !1;
      return;
    }
    let $previousTab = this.getCurrentTab();
    $previousTab && (this.hideTab($previousTab), this.showTab($tabWithHash), $tabWithHash.focus());
  }
  hideTab($tab) {
    this.unhighlightTab($tab), this.hidePanel($tab);
  }
  showTab($tab) {
    this.highlightTab($tab), this.showPanel($tab);
  }
  getTab(hash) {
    return this.$root.querySelector(`a.govuk-tabs__tab[href="${hash}"]`);
  }
  setAttributes($tab) {
    let panelId = $tab.hash.replace("#", "");
    if (!panelId)
      return;
    $tab.setAttribute("id", `tab_${panelId}`), $tab.setAttribute("role", "tab"), $tab.setAttribute("aria-controls", panelId), $tab.setAttribute("aria-selected", "false"), $tab.setAttribute("tabindex", "-1");
    let $panel = this.getPanel($tab);
    $panel && ($panel.setAttribute("role", "tabpanel"), $panel.setAttribute("aria-labelledby", $tab.id), $panel.classList.add(this.jsHiddenClass));
  }
  unsetAttributes($tab) {
    $tab.removeAttribute("id"), $tab.removeAttribute("role"), $tab.removeAttribute("aria-controls"), $tab.removeAttribute("aria-selected"), $tab.removeAttribute("tabindex");
    let $panel = this.getPanel($tab);
    $panel && ($panel.removeAttribute("role"), $panel.removeAttribute("aria-labelledby"), $panel.classList.remove(this.jsHiddenClass));
  }
  onTabClick(event) {
    let $currentTab = this.getCurrentTab(), $nextTab = event.currentTarget;
    !$currentTab || !($nextTab instanceof HTMLAnchorElement) || (event.preventDefault(), this.hideTab($currentTab), this.showTab($nextTab), this.createHistoryEntry($nextTab));
  }
  createHistoryEntry($tab) {
    let $panel = this.getPanel($tab);
    if (!$panel)
      return;
    let panelId = $panel.id;
    $panel.id = "", this.changingHash = !0, window.location.hash = panelId, $panel.id = panelId;
  }
  onTabKeydown(event) {
    switch (event.key) {
      case "ArrowLeft":
      case "Left":
        this.activatePreviousTab(), event.preventDefault();
        break;
      case "ArrowRight":
      case "Right":
        this.activateNextTab(), event.preventDefault();
        break;
    }
  }
  activateNextTab() {
    let $currentTab = this.getCurrentTab();
    if (!($currentTab != null && $currentTab.parentElement))
      return;
    let $nextTabListItem = $currentTab.parentElement.nextElementSibling;
    if (!$nextTabListItem)
      return;
    let $nextTab = $nextTabListItem.querySelector("a.govuk-tabs__tab");
    $nextTab && (this.hideTab($currentTab), this.showTab($nextTab), $nextTab.focus(), this.createHistoryEntry($nextTab));
  }
  activatePreviousTab() {
    let $currentTab = this.getCurrentTab();
    if (!($currentTab != null && $currentTab.parentElement))
      return;
    let $previousTabListItem = $currentTab.parentElement.previousElementSibling;
    if (!$previousTabListItem)
      return;
    let $previousTab = $previousTabListItem.querySelector("a.govuk-tabs__tab");
    $previousTab && (this.hideTab($currentTab), this.showTab($previousTab), $previousTab.focus(), this.createHistoryEntry($previousTab));
  }
  getPanel($tab) {
    let panelId = $tab.hash.replace("#", "");
    return panelId ? this.$root.querySelector(`#${panelId}`) : null;
  }
  showPanel($tab) {
    let $panel = this.getPanel($tab);
    $panel && $panel.classList.remove(this.jsHiddenClass);
  }
  hidePanel($tab) {
    let $panel = this.getPanel($tab);
    $panel && $panel.classList.add(this.jsHiddenClass);
  }
  unhighlightTab($tab) {
    $tab.parentElement && ($tab.setAttribute("aria-selected", "false"), $tab.parentElement.classList.remove("govuk-tabs__list-item--selected"), $tab.setAttribute("tabindex", "-1"));
  }
  highlightTab($tab) {
    $tab.parentElement && ($tab.setAttribute("aria-selected", "true"), $tab.parentElement.classList.add("govuk-tabs__list-item--selected"), $tab.setAttribute("tabindex", "0"));
  }
  getCurrentTab() {
    return this.$root.querySelector(".govuk-tabs__list-item--selected a.govuk-tabs__tab");
  }
};
Tabs.moduleName = "govuk-tabs";

// js/answers.js
function answers(form) {
  let list = form.querySelector("[data-reasons]");
  form.addEventListener("merilo:answer", (event) => {
    let { version, reasons } = event.detail;
    version !== void 0 && (form.elements.version.value = version), !(!reasons || !list) && (form.querySelectorAll("[aria-invalid]").forEach((field) => field.removeAttribute("aria-invalid")), list.replaceChildren(...reasons.map((one) => said(form, one))));
  });
}
function said(form, { text, source, warning, field }) {
  let item = document.createElement("li");
  item.className = warning ? "soon" : "late";
  let target = field && document.getElementById(field), words = document.createElement(target ? "a" : "span");
  if (words.textContent = text, target && (words.href = `#${field}`, !warning && form.contains(target) && target.setAttribute("aria-invalid", "true"), words.addEventListener("click", (event) => {
    event.preventDefault(), target.closest("details")?.setAttribute("open", ""), target.focus();
  })), item.append(words), source) {
    let act = document.createElement("span");
    act.className = "muted", act.textContent = ` ${source}`, item.append(act);
  }
  return item;
}

// js/words.js
var word = (name) => document.body.dataset[`words${name[0].toUpperCase()}${name.slice(1)}`] ?? "";

// js/autosave.js
var PAUSE = 2e3, RETRIES = [3e3, 1e4, 3e4];
function autosave(form) {
  let state = form.querySelector("[data-saved]") ?? document.querySelector("[data-saved]"), timer = 0, attempt = 0, version = 0, saving = null, say = (text, kind) => {
    state && (state.textContent = text, state.classList.toggle("ok", kind === "ok"), state.classList.toggle("late", kind === "late"));
  }, later = (wait) => {
    clearTimeout(timer), timer = setTimeout(save, wait);
  };
  async function save() {
    if (saving) return;
    let sent = version;
    say(word("saving"), "");
    try {
      saving = fetch(form.dataset.autosave, {
        method: "POST",
        body: textOf(form),
        headers: { "X-Autosave": "1", Accept: "application/json" },
        credentials: "same-origin"
      });
      let answer = await saving;
      if (answer.status >= 500 || answer.redirected) throw new Error(String(answer.status));
      attempt = 0;
      let body = await bodyOf(answer);
      if (form.dispatchEvent(new CustomEvent("merilo:answer", { detail: body })), !answer.ok) {
        say(word("refused"), "late");
        return;
      }
      let at = body.saved_at ?? (/* @__PURE__ */ new Date()).toTimeString().slice(0, 5);
      say(`${word("saved")} ${at}`, "ok"), sent === version && form.dispatchEvent(new CustomEvent("merilo:saved"));
    } catch {
      say(word("unsaved"), "late"), later(RETRIES[Math.min(attempt++, RETRIES.length - 1)]);
    } finally {
      saving = null, sent !== version && later(PAUSE);
    }
  }
  let changed = () => {
    version += 1, later(PAUSE);
  };
  form.addEventListener("input", changed), form.addEventListener("change", changed), form.addEventListener("submit", () => clearTimeout(timer)), addEventListener("online", () => version && later(0));
}
function textOf(form) {
  let data = new FormData(form);
  for (let [name, value] of [...data.entries()]) value instanceof File && data.delete(name);
  return data;
}
async function bodyOf(answer) {
  return answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
}

// js/bulk.js
function bulk(form) {
  let bar = form.querySelector("[data-bulk-bar]"), count = form.querySelector("[data-bulk-count]"), all = form.querySelector("[data-bulk-all]"), items = () => [...form.querySelectorAll("[data-bulk-item]:not([disabled])")];
  form.querySelectorAll("[data-bulk-all-label]").forEach((label) => label.hidden = !1);
  function show() {
    let every = items(), picked = every.filter((item) => item.checked).length;
    bar && (bar.hidden = picked === 0), count && (count.textContent = `${count.dataset.words}: ${picked}`), all && (all.checked = picked > 0 && picked === every.length, all.indeterminate = picked > 0 && picked < every.length);
  }
  let last = null;
  form.addEventListener("click", (event) => {
    let item = event.target.closest("[data-bulk-item]");
    if (!item) return;
    let every = items();
    if (event.shiftKey && last) {
      let [from, to] = [every.indexOf(last), every.indexOf(item)].sort((a, b) => a - b);
      every.slice(from, to + 1).forEach((one) => one.checked = item.checked);
    }
    last = item, show();
  }), all?.addEventListener("change", () => {
    items().forEach((item) => item.checked = all.checked), show();
  }), form.addEventListener("change", show), show();
}

// js/confirm.js
function confirm(document2) {
  let dialog = document2.querySelector("[data-confirm-dialog]");
  if (!dialog) return;
  let part = (name) => dialog.querySelector(`[data-confirm-${name}]`), words = part("yes").textContent, waiting = null;
  document2.addEventListener(
    "submit",
    (event) => {
      let button = event.submitter;
      if (!button?.dataset.confirm || button === waiting) {
        waiting = null;
        return;
      }
      event.preventDefault(), event.stopImmediatePropagation(), part("title").textContent = button.dataset.confirm, part("detail").textContent = button.dataset.confirmDetail ?? "", part("detail").hidden = !button.dataset.confirmDetail, part("yes").textContent = button.dataset.confirmYes ?? words, part("yes").classList.toggle("danger", button.classList.contains("danger")), waiting = button, dialog.showModal(), part("title").focus();
    },
    !0
  ), part("yes").addEventListener("click", () => {
    dialog.close("yes");
  }), part("no").addEventListener("click", () => dialog.close("no")), dialog.addEventListener("close", () => {
    let button = waiting;
    dialog.returnValue === "yes" && button ? button.form.requestSubmit(button) : (waiting = null, button?.focus()), dialog.returnValue = "";
  });
}

// js/filters.js
function filters(form) {
  form.addEventListener("change", (event) => {
    event.target.matches("select, input[type=checkbox], input[type=radio]") && form.requestSubmit();
  }), form.addEventListener("submit", () => {
    for (let field of form.elements)
      field.name && field.value === "" && !field.disabled && (field.disabled = !0, setTimeout(() => field.disabled = !1));
  });
}

// js/guard.js
function guard(form) {
  let dirty = !1;
  form.addEventListener("input", () => dirty = !0), form.addEventListener("change", () => dirty = !0), form.addEventListener("submit", () => dirty = !1), form.addEventListener("merilo:saved", () => dirty = !1), addEventListener("beforeunload", (event) => {
    dirty && event.preventDefault();
  });
}

// js/marking.js
function marking(form) {
  let rows = [...form.querySelectorAll("[data-criterion]")];
  if (!rows.length) return;
  let here = Math.max(0, rows.findIndex((row) => !chosen(row))), total = form.querySelector("[data-total]"), left = form.querySelector("[data-left]"), sum = form.querySelector("[data-sum]");
  function chosen(row) {
    return row.querySelector("input:checked");
  }
  function go(index) {
    here = Math.min(rows.length - 1, Math.max(0, index)), rows.forEach((row, at) => row.classList.toggle("here", at === here)), (chosen(rows[here]) ?? rows[here].querySelector("input:not([disabled])"))?.focus(), rows[here].scrollIntoView({ block: "nearest" });
  }
  function count() {
    let marks = rows.map(chosen).filter(Boolean);
    total && (total.textContent = marks.reduce((sum2, one) => sum2 + (Number(one.value) || 0), 0)), left && (left.textContent = rows.length - marks.length), rows.forEach((row) => chosen(row) && row.classList.remove("missing"));
  }
  function set(key) {
    let option = [...rows[here].querySelectorAll("input")].find(
      (input) => input.value.toLowerCase() === key || input.dataset.key === key
    );
    return !option || option.disabled ? !1 : (option.checked = !0, option.dispatchEvent(new Event("change", { bubbles: !0 })), here < rows.length - 1 ? go(here + 1) : sum && rows.every(chosen) ? sum.focus() : option.focus(), !0);
  }
  form.addEventListener("change", count), form.addEventListener("focusin", (event) => {
    let at = rows.findIndex((row) => row.contains(event.target));
    at >= 0 && at !== here && (here = at, rows.forEach((row, index) => row.classList.toggle("here", index === here)));
  }), document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || event.target.closest("textarea, select, input:not([type=radio]), [contenteditable]")) return;
    let button = event.target.closest("button, a, summary"), digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
    if (digit !== void 0)
      set(digit) && event.preventDefault();
    else if (event.code === "Minus" || event.code === "NumpadSubtract")
      set("-") && event.preventDefault();
    else if (event.key === "ArrowDown" && !button)
      event.preventDefault(), go(here + 1);
    else if (event.key === "ArrowUp" && !button)
      event.preventDefault(), go(here - 1);
    else if (event.key === "Backspace") {
      event.preventDefault(), !chosen(rows[here]) && here > 0 && go(here - 1);
      let mark = chosen(rows[here]);
      mark && (mark.checked = !1, mark.dispatchEvent(new Event("change", { bubbles: !0 })));
    } else if (event.key === "Enter" && !button) {
      event.preventDefault();
      let empty = rows.findIndex((row) => !chosen(row));
      empty >= 0 ? (rows[empty].classList.add("missing"), go(empty)) : sum && !sum.value.trim() ? sum.focus() : form.requestSubmit(form.querySelector("[data-save]") ?? void 0);
    } else if (event.code === "KeyS" && !button) {
      let skip = document.querySelector("[data-skip]");
      skip && (event.preventDefault(), skip.click());
    }
  }), sum?.addEventListener("keydown", (event) => {
    let empty = rows.findIndex((row) => !chosen(row));
    (event.key === "ArrowUp" || event.key === "Enter" && empty >= 0) && (event.preventDefault(), empty >= 0 && rows[empty].classList.add("missing"), go(empty >= 0 ? empty : rows.length - 1));
  }), count(), sum && rows.every(chosen) ? sum.focus() : go(here);
}

// js/navigation.js
function navigation(document2) {
  let button = document2.querySelector("[data-nav-button]");
  button && (button.setAttribute("aria-expanded", "false"), button.addEventListener("click", () => {
    let open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
  })), document2.addEventListener("click", (event) => {
    for (let menu of document2.querySelectorAll("[data-menu][open]"))
      menu.contains(event.target) || (menu.open = !1);
  }), document2.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    let menu = document2.querySelector("[data-menu][open]");
    menu && (menu.open = !1, menu.querySelector("summary").focus());
  });
}

// js/password.js
function password(box) {
  let input = box.querySelector("input"), button = document.createElement("button");
  button.type = "button", button.className = "button quiet small", button.setAttribute("aria-controls", input.id);
  let set = (shown) => {
    input.type = shown ? "text" : "password", button.textContent = word(shown ? "hide" : "show"), button.setAttribute("aria-label", word(shown ? "hidePassword" : "showPassword"));
  };
  button.addEventListener("click", () => set(input.type === "password")), input.form?.addEventListener("submit", () => set(!1)), set(!1), box.append(button);
}

// js/scoring.js
function scoring(form) {
  let marks = [...form.querySelectorAll("input[type=radio][name=points]")], typed = form.querySelector("[data-points]"), comment = form.querySelector("textarea[name=comment]"), save = () => form.requestSubmit(form.querySelector("[data-save]") ?? void 0);
  function set(digit) {
    if (typed)
      typed.focus(), typed.value = digit;
    else {
      let mark = marks.find((one) => one.value === digit);
      if (!mark) return !1;
      mark.checked = !0, mark.focus();
    }
    return (typed ?? marks[0]).dispatchEvent(new Event("change", { bubbles: !0 })), !0;
  }
  function take(number) {
    let ground = form.querySelector(`[data-deduction="${number}"]`);
    return ground ? (ground.closest("details").open = !0, ground.click(), ground.focus(), !0) : !1;
  }
  function follow(selector) {
    let link = form.querySelector(selector);
    return link?.click(), !!link;
  }
  let letters = {
    KeyC: () => (comment?.focus(), !0),
    KeyD: () => (document.getElementById("evidence")?.focus(), !0),
    KeyJ: () => follow("[data-following]"),
    KeyK: () => follow("[data-before]")
  };
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault(), save();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    let field = event.target.closest("textarea, select, input:not([type=radio], [type=checkbox])");
    if (field) {
      event.key === "Escape" && (marks.find((one) => one.checked) ?? marks[0] ?? field).focus(), event.key === "Escape" && document.activeElement === field && field.blur();
      return;
    }
    let button = event.target.closest("button, a, summary"), digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1], done = !1;
    digit !== void 0 ? done = event.shiftKey ? take(digit) : set(digit) : event.key === "Enter" && !button ? done = (save(), !0) : letters[event.code] && !event.shiftKey && (done = letters[event.code]()), done && event.preventDefault();
  }), document.querySelector(".govuk-error-summary") || (marks.find((one) => one.checked) ?? marks[0] ?? typed)?.focus({ preventScroll: !0 });
}

// js/small.js
function copy(button) {
  if (!navigator.clipboard) return;
  button.hidden = !1;
  let words = button.textContent;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy), button.textContent = word("copied"), button.classList.add("copy-done"), setTimeout(() => {
      button.textContent = words, button.classList.remove("copy-done");
    }, 2500);
  });
}
function print(button) {
  button.hidden = !1, button.addEventListener("click", () => window.print());
}
function reveal(control) {
  let target = document.querySelector(control.dataset.reveal);
  if (!target) return;
  let wanted = control.dataset.revealValue?.split(" "), group = control.type === "radio" ? `input[name="${CSS.escape(control.name)}"]` : null, show = () => {
    let on = ["radio", "checkbox"].includes(control.type) ? control.checked : wanted ? wanted.includes(control.value) : control.value !== "";
    target.hidden = !on;
  };
  (group ? [...document.querySelectorAll(group)] : [control]).forEach(
    (one) => one.addEventListener("change", show)
  ), show();
}
function timers(element) {
  let since = element.dataset.since && Date.parse(element.dataset.since), until = element.dataset.until && Date.parse(element.dataset.until), start2 = element.dataset.now ? Date.parse(element.dataset.now) - Date.now() : 0, tick = () => {
    let now = Date.now() + start2, left = Math.round((until ? until - now : now - since) / 1e3), whole = Math.abs(left), parts2 = [Math.floor(whole / 60), whole % 60].map((n) => String(n).padStart(2, "0"));
    element.textContent = `${left < 0 ? "−" : ""}${parts2.join(":")}`, element.classList.toggle("over", !!until && left < 0), element.isConnected || clearInterval(timer);
  }, timer = setInterval(tick, 1e3);
  tick();
}

// js/merilo.js
document.body.classList.add("js-enabled", "govuk-frontend-supported");
var parts = {
  "govuk-checkboxes": Checkboxes,
  "govuk-error-summary": ErrorSummary,
  "govuk-radios": Radios,
  "govuk-skip-link": SkipLink,
  "govuk-tabs": Tabs
};
function start(root) {
  for (let element of find(root, "[data-module]")) {
    let Part = parts[element.dataset.module];
    if (!(!Part || element.dataset.started)) {
      element.dataset.started = "yes";
      try {
        new Part(element);
      } catch (error) {
        console.warn(error);
      }
    }
  }
  find(root, "[data-autosave]").forEach(once("autosave", autosave)), find(root, "form[data-answer]").forEach(once("answers", answers)), find(root, "[data-guard]").forEach(once("guard", guard)), find(root, "form[data-marking]").forEach(once("marking", marking)), find(root, "form[data-scoring]").forEach(once("scoring", scoring)), find(root, "form[data-bulk]").forEach(once("bulk", bulk)), find(root, "form[data-autosubmit]").forEach(once("filters", filters)), find(root, "[data-password]").forEach(once("password", password)), find(root, "[data-copy]").forEach(once("copy", copy)), find(root, "[data-print]").forEach(once("print", print)), find(root, "[data-reveal]").forEach(once("reveal", reveal)), find(root, ".timer").forEach(once("timer", timers));
}
function find(root, selector) {
  let inside = [...root.querySelectorAll(selector)];
  return root.matches?.(selector) ? [root, ...inside] : inside;
}
var once = (name, act) => (element) => {
  element.merilo ?? (element.merilo = /* @__PURE__ */ new Set()), !element.merilo.has(name) && (element.merilo.add(name), act(element));
};
navigation(document);
confirm(document);
start(document.body);
document.addEventListener("htmx:after:process", (event) => {
  event.target instanceof Element && start(event.target);
});
document.querySelector(".govuk-error-summary") && (document.title = `${word("error")} ${document.title}`);
